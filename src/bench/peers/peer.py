"""The other side of `npm run bench:peers`: attribution with PyTorch, one turn per line of standard input.

Asked for by one JSON argument (see turns.ts). With a checkout of EleutherAI/knowledge-neurons it is that tool, on
BERT; without one, what one writes by hand for a decoder: forward hooks, the nodes of a layer as one batch, and nothing
recorded below the layer. Either way 20 uniform nodes, and every node a pass through the whole model.

Needs torch and transformers; the tool also einops and tqdm. Tried with torch 2.15, transformers 5.24.
"""

import json
import re
import sys
import time
from contextlib import ExitStack, contextmanager

import torch
import transformers

# Loading and the library's advice are nothing that anybody asked for.
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    peer = Tool(job) if job["tool"] else Hooks(job)
    scores = peer.scores()  # warm
    deltas, prob = peer.deltas()
    residual = (scores.sum(dim=1) - deltas).abs().max() / deltas.abs().max()
    say(versions=versions(), prob=prob, residual=residual.item(), nodes=job["nodes"], threads=torch.get_num_threads())
    for _ in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        peer.scores()
        say(seconds=time.perf_counter() - wall, cpuSeconds=time.process_time() - cpu)


class Peer:
    """A model whose FFNs' output matrices are `self.outputs`, and a question to it."""

    def __init__(self, job, model):
        self.model = model.float().eval()
        self.nodes = job["nodes"]
        self.ids = torch.tensor([job["question"]["ids"]])
        self.position = job["question"]["position"]
        self.target = job["question"]["target"]

    def prob(self, ids, **options):
        """P(target) of every sequence [B]."""
        logits = self.model(ids, **options).logits
        return logits[:, self.position if logits.shape[1] > 1 else 0].softmax(dim=-1)[:, self.target]

    def replaced(self, layer, rows):
        """Within it, the row that the output matrix of a layer reads at the target position is another one."""

        def hook(_module, inputs):
            activations = inputs[0].clone()
            activations[:, self.position] = rows
            return (activations,)

        return hooked(self.outputs[layer], hook)

    @torch.no_grad()
    def deltas(self):
        """P(a) - P(0) of every layer [L], and P(a)."""
        whole = self.prob(self.ids)
        deltas = []
        for layer, output in enumerate(self.outputs):
            with self.replaced(layer, torch.zeros(output.in_features)):
                deltas.append(whole - self.prob(self.ids))
        return torch.cat(deltas), whole.item()


class Tool(Peer):
    """EleutherAI/knowledge-neurons, as its README drives it."""

    def __init__(self, job):
        sys.path.insert(0, job["tool"])
        from knowledge_neurons import KnowledgeNeurons

        model = transformers.BertForMaskedLM.from_pretrained(job["model"])
        super().__init__(job, model)
        self.outputs = [layer.output.dense for layer in model.bert.encoder.layer]
        tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(job["model"])
        self.prompt, self.word = job["prompt"], tokenizer.convert_ids_to_tokens(self.target)
        if tokenizer(self.prompt)["input_ids"] != self.ids[0].tolist():
            sys.exit("the tokenizer of transformers gives other tokens")
        self.tool = KnowledgeNeurons(model, tokenizer, model_type="bert", device="cpu")

    def scores(self):
        return self.tool.get_scores(self.prompt, self.word, steps=self.nodes, pbar=False)


class Hooks(Peer):
    """Plain hooks on a decoder of Llama's names."""

    def __init__(self, job):
        super().__init__(job, transformers.AutoModelForCausalLM.from_pretrained(job["model"]))
        self.model.requires_grad_(False)  # nothing is recorded but what lies above the replaced row
        self.outputs = [layer.mlp.down_proj for layer in self.model.model.layers]

    def prob(self, ids):
        return super().prob(ids, use_cache=False, logits_to_keep=1)  # the head on the last row alone

    def scores(self):
        """Scores [L, F]."""
        activations = self.activations()
        alphas = torch.linspace(0, 1, self.nodes)[:, None]
        ids = self.ids.expand(self.nodes, -1)
        scores = []
        for layer, activation in enumerate(activations):
            rows = (alphas * activation).requires_grad_()  # [N, F]
            with self.replaced(layer, rows):
                (gradient,) = torch.autograd.grad(self.prob(ids).sum(), rows)
            scores.append(activation * gradient.mean(dim=0))
        return torch.stack(scores)

    @torch.no_grad()
    def activations(self):
        """What the output matrix of every layer reads at the target position, from one pass."""
        rows = []
        with ExitStack() as hooks:
            for output in self.outputs:
                hooks.enter_context(hooked(output, lambda _, inputs: rows.append(inputs[0][0, self.position])))
            self.prob(self.ids)
        return rows


@contextmanager
def hooked(module, hook):
    """Within it, a hook sees what a module is about to read, and may replace it."""
    handle = module.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def versions():
    build = torch.__config__.show()
    mkl = re.search(r"Math Kernel Library Version ([\d.]+)", build)
    other = re.search(r"BLAS_INFO=(\w+)", build)
    blas = f"MKL {mkl[1]}" if mkl else other[1] if other else "an unknown BLAS"
    kernels = torch.backends.cpu.get_cpu_capability()
    return f"torch {torch.__version__} ({blas}, {kernels}), transformers {transformers.__version__}"


def say(**fields):
    print(json.dumps(fields), flush=True)


main()
