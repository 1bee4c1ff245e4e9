// npm run bench: how fast attribution is, on every engine that is found, and how its cost grows with the work.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isNative } from '../engine/backends/native.js';
import type { EngineName } from '../spec/choices.js';
import { ENGINES } from '../spec/choices.js';
import { writeCheckpoint } from './checkpoint.js';
import { type Job, type Method, type Result, resultSchema } from './job.js';
import { gigabytes, machine, say, tableOf } from './print.js';
import { BERT_BASE, SMOLLM2_135M } from './shapes.js';
import { findSmolLm2 } from './smollm2.js';

const KN_MINI = fileURLToPath(new URL('../../fixtures/kn-mini', import.meta.url));
const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));
const CORES = availableParallelism();
const LENGTH = 15;
/** Of the rest of the time, so many are listed. */
const PARTS = 8;
/** For the growth of the cost. */
const MEDIUM = {
  ...BERT_BASE,
  num_hidden_layers: 6,
  hidden_size: 256,
  intermediate_size: 1024,
  num_attention_heads: 4,
  vocab_size: 2000,
  max_position_embeddings: 128,
};

const temporary = mkdtempSync(join(tmpdir(), 'kn-edit-bench-'));
try {
  say(machine());
  const engines = await findEngines();
  say(engines.map(({ engine, versions }) => `${engine}: ${versions}`).join('\n'));
  const base = join(temporary, 'bert-base');
  writeCheckpoint(base, BERT_BASE, KN_MINI);
  await compare('kn-mini (4 layers, 128 wide, 512 neurons, vocabulary 1433), one fact', KN_MINI, engines, 15);
  await compare(
    `BERT-base (12 layers, 768 wide, 3072 neurons, vocabulary 30522), ${LENGTH} tokens`,
    base,
    engines,
    5,
  );
  const small = findSmolLm2() ?? join(temporary, 'smollm2');
  if (!existsSync(small)) writeCheckpoint(small, SMOLLM2_135M, KN_MINI);
  await compareShares({ 'BERT-base': base, SmolLM2: small }, engines);
  await compareMemory(base, engines);
  await grow(engines[0]?.engine ?? 'wasm');
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

interface Found {
  engine: EngineName;
  /** What it is here: for `wasm+blas`, with the library and its kernels. */
  versions: string;
  /** Of all cores together, each with a product of its own. */
  peak: number;
}

/** Engines that can multiply, the fastest first. */
async function findEngines(): Promise<Found[]> {
  const found: Found[] = [];
  for (const engine of ENGINES.filter((name) => name !== 'cpu')) {
    const job = { kind: 'engine', engine } as const;
    try {
      const processes = isNative(engine) ? 1 : CORES; // it uses all cores by itself
      const all = await Promise.all(Array.from({ length: processes }, () => measure(job)));
      const [{ versions } = { versions: '' }] = all;
      found.push({ engine, versions, peak: all.reduce((sum, { gflops }) => sum + gflops, 0) });
    } catch {
      // Not installed: no rows.
    }
  }
  return found.sort((a, b) => b.peak - a.peak);
}

/** Every engine with every method, for one prompt. */
async function compare(name: string, directory: string, engines: readonly Found[], repeats: number) {
  const peak = Math.max(...engines.map((one) => one.peak));
  const rows: string[][] = [];
  for (const { engine } of engines) {
    const one = (method: Method, times: number, prompts = 1) =>
      measure({ kind: 'thread', engine, directory, method, prompts, length: LENGTH, repeats: times });
    const suffix = await one('suffix only', repeats);
    const full = {
      ...(await one('full forward', directory === KN_MINI ? repeats : 1)),
      nodes: suffix.nodes,
      residual: suffix.residual,
    };
    const adaptive = await one('adaptive', repeats);
    const row = (method: string, result: Result) => [
      ` ${method}`,
      seconds(result.seconds),
      seconds(result.cpuSeconds),
      result.nodes.toFixed(1),
      result.residual.toExponential(1),
      result.gflops > 0 ? result.gflops.toFixed(0) : '',
      gigabytes(result.peakBytes),
      `${(full.seconds / result.seconds).toFixed(1)}`,
    ];
    rows.push([engine], row('full forward', full), row('suffix only', suffix), row('adaptive', adaptive));
    if (directory === KN_MINI) {
      rows.push(row('adaptive, 8 at once', await one('adaptive at once', repeats, 8)));
    } else if (CORES > 1 && !isNative(engine)) {
      const shared = await measure({
        kind: 'workers',
        engine,
        directory,
        workers: CORES,
        length: LENGTH,
        repeats,
      });
      const gflops = (adaptive.gflops * adaptive.seconds) / shared.seconds; // the same products, sooner
      rows.push(row(`adaptive, ${CORES} workers`, { ...shared, gflops }));
    }
  }
  say(
    `${name}\nall cores multiply at ${peak.toFixed(0)} GFLOP/s`,
    tableOf(['', 's/prompt', 'CPU s', 'nodes', 'residual', 'GFLOP/s', 'GB', 'ratio'], 1, rows),
  );
}

/** Which share of the time goes into something else than matrix products, and into what. */
async function compareShares(models: Record<string, string>, engines: readonly Found[]): Promise<void> {
  const rows: string[][] = [];
  for (const [name, directory] of Object.entries(models)) {
    for (const { engine } of engines) {
      if (!engine.startsWith('wasm')) continue; // others compute beside this process's own time
      const found = await measure({ kind: 'shares', engine, directory, length: LENGTH, repeats: 5 });
      const share = (value: number) => `${((100 * value) / found.seconds).toFixed(1)}%`;
      const whole = [name, engine, seconds(found.seconds), share(found.seconds - found.products)];
      found.rest.slice(0, PARTS).forEach((part, i) => {
        rows.push([...(i === 0 ? whole : ['', '', '', '']), part.name, share(part.seconds)]);
      });
    }
  }
  const titles = ['model', 'engine', 'CPU s', 'no product', 'of which', ''];
  say(`what is no matrix product (${LENGTH} tokens, adaptive)`, tableOf(titles, 5, rows));
}

/** Whether anything stays behind: kn-mini on every engine, the large model on the fastest. */
async function compareMemory(directory: string, engines: readonly Found[]) {
  const rows: string[][] = [];
  for (const [i, { engine }] of engines.entries()) {
    for (const model of i === 0 ? [KN_MINI, directory] : [KN_MINI]) {
      const { growth } = await measure({
        kind: 'thread',
        engine,
        directory: model,
        method: 'adaptive',
        prompts: 50,
        length: LENGTH,
        repeats: 1,
      });
      const [bytes, tensors] = [growth.bytes.map(gigabytes), growth.tensors.map(String)];
      rows.push([
        engine,
        model === KN_MINI ? 'kn-mini' : 'BERT-base',
        bytes.join(' -> '),
        tensors.join(' -> '),
      ]);
    }
  }
  say('from prompt 5 to prompt 50', tableOf(['engine', 'model', 'resident GB', 'tensors'], 2, rows));
}

/** Cost against length, layers and prompts, one of them at a time. */
async function grow(engine: EngineName) {
  const rows: string[][] = [];
  const series = async (what: string, sizes: number[], job: (size: number) => Job) => {
    const times: number[] = [];
    for (const size of sizes) {
      const one = job(size);
      const { seconds: each } = await measure(one);
      times.push(each * (one.kind === 'thread' ? one.prompts : 1));
    }
    const measured = sizes.map((size, i) => `${size}: ${seconds(times[i] ?? 0)}`).join('  ');
    rows.push([what, measured, exponent(sizes, times).toFixed(2)]);
  };
  const job = (layers: number, length: number, prompts: number): Job => {
    const directory = join(temporary, `layers-${layers}`);
    if (!existsSync(directory)) writeCheckpoint(directory, { ...MEDIUM, num_hidden_layers: layers }, KN_MINI);
    return { kind: 'thread', engine, directory, method: 'three nodes', prompts, length, repeats: 3 };
  };
  const { num_hidden_layers: layers, hidden_size: hidden } = MEDIUM;
  await series('tokens', [8, 16, 32, 64, 128], (length) => job(layers, length, 1));
  await series('layers', [2, 4, 8, 16, 24], (count) => job(count, LENGTH, 1));
  await series('prompts', [1, 2, 4, 8, 16], (prompts) => job(layers, LENGTH, prompts));
  say(
    `growth (${layers} layers, ${hidden} wide, ${LENGTH} tokens, 3 nodes, ${engine})\nseconds, and the fitted exponent`,
    tableOf(['of', 'seconds', 'exponent'], 2, rows),
  );
}

/** Slope of the least-squares line through (log size, log time). */
function exponent(sizes: readonly number[], times: readonly number[]): number {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, xi, i) => sum + (xi - mx) * ((y[i] ?? 0) - my), 0);
  return covariance / x.reduce((sum, xi) => sum + (xi - mx) ** 2, 0);
}

async function measure(job: Job): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [MEASURE, JSON.stringify(job)]);
  return resultSchema.parse(JSON.parse(stdout));
}

function seconds(value: number): string {
  return value < 1 ? value.toFixed(3) : value.toFixed(2);
}
