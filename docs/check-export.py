"""Checks an exported model in Python's transformers: are its probabilities those that kn-edit gave?

    python check-export.py DIRECTORY ANSWERS.json...

DIRECTORY is what `kn-edit export` wrote, ANSWERS.json what `kn-edit show ID --json` or `kn-edit probe --json` printed.
Every answer that is listed there is asked of transformers again, in float32. Exit code 0: all within the tolerance;
1: not; 2: bad usage or input. Needs torch and transformers; tried with torch 2.15, transformers 5.24.
"""

import argparse
import json
import math
import os
import sys
from functools import lru_cache

import torch
from transformers import MODEL_FOR_MASKED_LM_MAPPING, AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM
from transformers import AutoTokenizer

MASK = "[MASK]"  # as kn-edit's users write it, whatever the model's own is


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", help="what kn-edit export wrote")
    parser.add_argument("answers", nargs="+", help="what kn-edit show ID --json, or probe --json, printed")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest difference (default: %(default)s)")
    options = parser.parse_args()
    if not os.path.isfile(os.path.join(options.directory, "config.json")):  # transformers would ask the hub for it
        parser.error(f"{options.directory}: has no config.json; write it with kn-edit export {options.directory}")
    probes = [probe for path in options.answers for probe in read(path, parser)]
    model = Model(options.directory)
    differences = []
    print(f"{'kn-edit':>9} {'transformers':>12} {'largest difference':>18}  prompt and top answer")
    for probe in probes:
        answers = answers_of(probe)
        found = [model.probability(probe, ids, masks) for ids, masks, _ in answers]
        here = [abs(there - prob) for there, (_, _, prob) in zip(found, answers)]
        differences += here
        top = probe["top"][0]
        print(f"{top['prob']:9.6f} {found[0]:12.6f} {max(here):18.1e}  {probe['prompt']} {top['token']}")
    good = all(difference <= options.tolerance for difference in differences)  # none of which is NaN
    print(f"{len(probes)} prompts, {len(differences)} answers: {'the same' if good else 'NOT the same'}", end="")
    print(f" (largest difference {max(differences):.1e}, tolerance {options.tolerance:.1e})")
    sys.exit(0 if good else 1)


def read(path, parser):
    """The probes of a file: those after an edit, or the one that was asked."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except (OSError, ValueError) as error:
        parser.error(f"{path}: {error}")
    probes = document.get("after") or [document] if isinstance(document, dict) else []
    if not probes or not all("prompt" in probe and "top" in probe for probe in probes):
        parser.error(f"{path}: has no answers; write it with kn-edit show ID --json, or kn-edit probe --json")
    return probes


def answers_of(probe):
    """Of every answer, the top one first: token ids, the masks that a masked model was shown, kn-edit's probability."""
    asked = []
    if probe.get("target"):  # of `probe`
        asked.append((tokens_of(probe["target"], "id"), probe["target"]["prob"]))
    for name, prob in (("expectId", "prob"), ("newId", "newProb"), ("oldId", "oldProb")):  # of `show`
        if prob in probe:
            asked.append((tokens_of(probe, name), probe[prob]))
    # Top answers are those at the first token of what was asked first.
    masks = len(asked[0][0]) if asked else 1
    top = [([answer["id"]], masks, answer["prob"]) for answer in probe["top"]]
    return top + [(ids, len(ids), prob) for ids, prob in asked]


def tokens_of(answer, name):
    """Token ids, which stand under a name of their own where there are several."""
    return answer.get(f"{name}s", [answer[name]])


class Model:
    """An exported directory, as transformers loads it."""

    def __init__(self, directory):
        self.tokenizer = AutoTokenizer.from_pretrained(directory)
        # Masked and causal models are told apart by their family, as in kn-edit.
        self.masked = type(AutoConfig.from_pretrained(directory)) in MODEL_FOR_MASKED_LM_MAPPING
        kind = AutoModelForMaskedLM if self.masked else AutoModelForCausalLM
        self.model = kind.from_pretrained(directory, dtype=torch.float32).eval()

    def encode(self, prompt):
        """Token ids of a prompt, and the position of its answer."""
        if self.masked:
            ids = self.tokenizer(prompt.replace(MASK, self.tokenizer.mask_token)).input_ids
            return ids, ids.index(self.tokenizer.mask_token_id)
        # A space before the answer belongs to the answer's first token.
        ids = self.tokenizer(prompt.split(MASK)[0].rstrip(" ")).input_ids
        if len(ids) > 1 and ids[-1] == self.tokenizer.eos_token_id:
            ids = ids[:-1]  # some tokenizers end every text
        return ids, len(ids) - 1

    @lru_cache(maxsize=1)  # answers of one token are all asked of the same sequence
    @torch.no_grad()
    def distributions(self, ids):
        """P(next or masked token) at every position of a sequence: [T, V]."""
        return self.model(torch.tensor([ids])).logits[0].softmax(dim=-1)

    def probability(self, probe, answer, masks):
        """Of an answer, the joint probability of its tokens."""
        ids, position = self.encode(probe["prompt"])
        if self.masked:  # one mask per token, each asked at its own
            ids = ids[:position] + ids[position : position + 1] * masks + ids[position + 1 :]
        if ids != probe.get("ids", ids):
            sys.exit(f"{probe['prompt']}: the tokens are {ids}, in kn-edit {probe['ids']}")
        if not self.masked:  # each token behind the ones before it
            ids = ids + answer[:-1]
        rows = self.distributions(tuple(ids))
        return math.prod(rows[position + i, token].item() for i, token in enumerate(answer))


if __name__ == "__main__":
    main()
