// npm run bench:peers: kn-edit's engines and what else attributes on PyTorch, in turns, on the same random checkpoints and
// prompts. Fetches nothing: the Python and the tool are the user's.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPackage, isNative } from '../../engine/backends/native.js';
import { candidatesOf } from '../../engine/choice/candidates.js';
import { errorData, InputError } from '../../errors.js';
import { Checkpoint } from '../../lm/checkpoint.js';
import { questionsOf, tokensIn } from '../../lm/prompt.js';
import { runScript } from '../../script.js';
import { writeCheckpoint } from '../checkpoint.js';
import { machine, say, tableOf } from '../print.js';
import { BERT_BASE, SMOLLM2_135M } from '../shapes.js';
import { whole } from '../usage.js';
import { fastest } from '../watch.js';
import { type Contestant, type Job, type OwnJob, type PeerJob, start, type Turn } from './turns.js';

const KN_MINI = fileURLToPath(new URL('../../../fixtures/kn-mini', import.meta.url));
const OWN = fileURLToPath(new URL('./kn-edit.js', import.meta.url));
const PEER = fileURLToPath(new URL('../../../src/bench/peers/peer.py', import.meta.url));

/** Of 15 tokens each in kn-mini's vocabulary, the marks of the sequence's ends included. */
const PROMPTS = {
  masked: 'In Kazakhstan the seat of the parliament and government is called [MASK].',
  causal: 'In Kazakhstan the seat of the parliament and the seat of government is called',
};
const ANSWER = 'Almaty';
const NODES = 20;
/** Both sides may compute with F32's usual noise. */
const SAME = 1e-2;

interface Options {
  python: string;
  tool: string;
  model: string | undefined;
  turns: number;
  threads: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      'knowledge-neurons': { type: 'string' },
      model: { type: 'string' },
      turns: { type: 'string', default: '5' },
      threads: { type: 'string', default: '2' },
    },
  });
  const { python, 'knowledge-neurons': tool, model } = values;
  if (python === undefined || tool === undefined) {
    throw new InputError(
      'needs --python PATH, a Python with torch, transformers, einops and tqdm, and --knowledge-neurons DIR, a checkout ' +
        'of EleutherAI/knowledge-neurons; --model DIR, --turns N and --threads N are optional',
    );
  }
  if (!existsSync(join(tool, 'knowledge_neurons'))) {
    throw new InputError(
      `${tool}: has no knowledge_neurons; give a checkout of EleutherAI/knowledge-neurons`,
      '--knowledge-neurons',
    );
  }
  return {
    python,
    tool: resolve(tool),
    model: model && resolve(model),
    turns: whole('turns', values.turns),
    threads: whole('threads', values.threads),
  };
}

interface Race {
  title: string;
  /** Directory of the checkpoint. */
  model: string;
  prompt: string;
  /** What PyTorch runs, as rows have it. */
  peer: string;
  tool: string | null;
}

/** One table: every contestant's fastest turn. */
async function race(
  { title, model, prompt, peer, tool }: Race,
  { python, threads, turns }: Options,
): Promise<void> {
  const job: Job = { model, prompt, question: questionTo(model, prompt), threads };
  const peerJob: PeerJob = { ...job, nodes: NODES, tool };
  const contestants = new Map<string, Contestant>();
  const notes: string[] = [];
  try {
    const theirs = await start(peer, python, [PEER, JSON.stringify(peerJob)]);
    contestants.set(`${peer}, ${theirs.ready.threads} threads`, theirs);
    for (const engine of candidatesOf('auto').filter((name) => !isNative(name) || findPackage(name))) {
      const ownJob: OwnJob = { ...job, engine };
      try {
        const ours = await start(engine, process.execPath, [OWN, JSON.stringify(ownJob)]);
        const workers = isNative(engine) ? 'all cores' : `${ours.ready.threads} workers`;
        contestants.set(`kn-edit ${engine}, ${workers}`, ours);
        notes.push(ours.ready.versions);
        expectSame(theirs.ready.prob, ours.ready.prob);
      } catch (error) {
        notes.push(`left out: ${errorData(error).message}`);
      }
    }
    const times = new Map<Contestant, Turn[]>([...contestants.values()].map((one) => [one, []]));
    for (let turn = 0; turn < turns; turn++) {
      for (const [one, own] of times) own.push(await one.turn());
    }
    const best = (one: Contestant) => fastest(times.get(one) ?? []);
    const reference = best(theirs);
    const rows = [...contestants].map(([name, one]) => {
      const { seconds, cpuSeconds } = best(one);
      return [
        name,
        seconds.toPrecision(3),
        cpuSeconds === null ? '' : cpuSeconds.toPrecision(3),
        one.ready.nodes.toFixed(1),
        one.ready.residual.toExponential(1),
        ratio(reference.seconds, seconds),
        ratio(reference.cpuSeconds, cpuSeconds),
      ];
    });
    const length = job.question.ids.length;
    say(
      `${title}\none prompt of ${length} tokens; the fastest of ${turns} turns`,
      [theirs.ready.versions, ...notes].join('\n'),
      tableOf(['who', 's', 'CPU s', 'nodes', 'residual', 'ratio', 'CPU ratio'], 1, rows),
    );
  } finally {
    for (const one of contestants.values()) one.close();
  }
}

/** The prompt in the model's tokens, with the first one of the answer. */
function questionTo(model: string, prompt: string) {
  const checkpoint = Checkpoint.open(model);
  try {
    const tokenizer = checkpoint.tokenizer();
    const encoded = tokenizer.encodePrompt(prompt);
    const [question] = questionsOf(encoded, tokensIn(encoded, tokenizer.encodeTarget(ANSWER)));
    if (!question) throw new InputError(`${model}: its tokenizer has no tokens for "${ANSWER}"`);
    return question;
  } finally {
    checkpoint.close();
  }
}

function ratio(theirs: number | null, ours: number | null): string {
  return theirs === null || ours === null ? '' : (theirs / ours).toFixed(1);
}

/** @throws InputError when the two do not compute the same model */
function expectSame(theirs: number, ours: number): void {
  if (Math.abs(ours / theirs - 1) < SAME) return;
  throw new InputError(`P is ${ours} here and ${theirs} on PyTorch; these are not the same model`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const temporary = mkdtempSync(join(tmpdir(), 'kn-edit-peers-'));
  try {
    say(machine());
    const bert = join(temporary, 'bert-base');
    writeCheckpoint(bert, BERT_BASE, KN_MINI);
    await race(
      {
        title: 'BERT-base (12 layers, 768 wide, 3072 neurons)',
        model: bert,
        prompt: PROMPTS.masked,
        peer: 'knowledge-neurons',
        tool: options.tool,
      },
      options,
    );
    const decoder = options.model ?? join(temporary, 'smollm2');
    if (!options.model) writeCheckpoint(decoder, SMOLLM2_135M, KN_MINI);
    await race(
      {
        title: options.model ?? 'SmolLM2-135M (30 layers, 576 wide, 1536 neurons)',
        model: decoder,
        prompt: PROMPTS.causal,
        peer: 'plain PyTorch hooks',
        tool: null,
      },
      options,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

await runScript('bench:peers', main);
