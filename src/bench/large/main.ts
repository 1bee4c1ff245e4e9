// npm run bench:large: one prompt on random checkpoints of large models' shapes, in BF16: its time and the peak memory,
// beside what `model info` predicts.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InputError } from '../../errors.js';
import { pageFor } from '../../report/page.js';
import { table } from '../../report/table.js';
import { runScript } from '../../script.js';
import { modelInfo } from '../../session/models.js';
import { ENGINE_CHOICES, type EngineChoice } from '../../spec/choices.js';
import { writeCheckpoint } from '../checkpoint.js';
import { startChild } from '../child.js';
import { type Config, SHAPES } from '../shapes.js';
import { whole } from '../usage.js';
import { type Job, type Result, resultSchema } from './job.js';

const KN_MINI = fileURLToPath(new URL('../../../fixtures/kn-mini', import.meta.url));
const PROMPT = fileURLToPath(new URL('./prompt.js', import.meta.url));
/** Of 12 tokens each in kn-mini's vocabulary, as many as `model info` reckons with. */
const PROMPTS = {
  masked: 'In Kazakhstan the seat of the government is called [MASK].',
  causal: 'In Kazakhstan the seat of the parliament and government is called',
};
const TARGET = 172;
/** Bytes of a file, as hubs have them. */
const SHARD = 2e9;

interface Options {
  shapes: Readonly<Record<string, Config>>;
  /** Where checkpoints are looked for and kept; undefined: nowhere. */
  directory: string | undefined;
  engine: EngineChoice;
  workers: number | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', multiple: true, default: [] },
      directory: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      workers: { type: 'string' },
    },
  });
  const { shape, directory, workers } = values;
  const names = Object.keys(SHAPES);
  if (shape.length === 0) {
    throw new InputError(
      `needs --shape NAME, one or more of ${names.join(', ')}; --directory DIR (where checkpoints stay), --engine NAME ` +
        'and --workers N are optional',
    );
  }
  const unknown = shape.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`there is no "${unknown}"; choose from ${names.join(', ')}`, '--shape');
  }
  const engine = ENGINE_CHOICES.find((name) => name === values.engine);
  if (!engine) {
    throw new InputError(
      `there is no "${values.engine}"; choose from ${ENGINE_CHOICES.join(', ')}`,
      '--engine',
    );
  }
  return {
    shapes: Object.fromEntries(Object.entries(SHAPES).filter(([name]) => shape.includes(name))),
    directory: directory && resolve(directory),
    engine,
    workers: workers === undefined ? undefined : whole('workers', workers),
  };
}

/** A row of the table. */
async function measure(
  name: string,
  config: Config,
  place: string,
  { engine, workers }: Options,
): Promise<string[]> {
  const model = join(place, name);
  if (!existsSync(model)) writeCheckpoint(model, config, KN_MINI, { dtype: 'BF16', shard: SHARD });
  const { parameters, bytes, causal, estimate } = await modelInfo(model, engine);
  const prompt = causal ? PROMPTS.causal : PROMPTS.masked;
  const result = await ask(name, { model, prompt, target: TARGET, engine, workers });
  const predicted = (estimate.locateSeconds ?? Number.NaN) / estimate.prompts;
  return [
    name,
    (parameters / 1e9).toFixed(2),
    gigabytes(bytes),
    `${result.engine}, ${result.workers}`,
    result.nodes.toFixed(1),
    result.residual.toExponential(1),
    result.loadSeconds.toFixed(1),
    result.cpuSeconds.toFixed(1),
    result.seconds.toFixed(1),
    predicted.toFixed(1),
    gigabytes(result.peakBytes),
    gigabytes(estimate.memoryBytes),
  ];
}

async function ask(name: string, job: Job): Promise<Result> {
  const child = startChild(name, process.execPath, [PROMPT, JSON.stringify(job)]);
  try {
    return await child.next(resultSchema);
  } finally {
    child.close();
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  const temporary = options.directory === undefined;
  const place = options.directory ?? mkdtempSync(join(tmpdir(), 'kn-edit-large-'));
  mkdirSync(place, { recursive: true });
  const rows: string[][] = [];
  try {
    for (const [name, config] of Object.entries(options.shapes)) {
      rows.push(await measure(name, config, place, options));
      if (temporary) rmSync(join(place, name), { recursive: true }); // there may be room for one alone
    }
  } finally {
    if (temporary) rmSync(place, { recursive: true, force: true });
  }
  const titles = [
    'shape',
    '10⁹ parameters',
    'GB on disk',
    'engine, workers',
    'nodes',
    'residual',
    's to load',
    'CPU s',
    's/prompt',
    'predicted',
    'peak GB',
    'predicted',
  ];
  const columns = titles.map((title, i) => ({
    title,
    align: [0, 3].includes(i) ? ('left' as const) : ('right' as const),
  }));
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${gigabytes(totalmem())} GB, node ${process.versions.node}`;
  process.stdout.write(
    `${machine}\n\none prompt of 12 tokens, adaptive, 1e-3\n\n${table(columns, rows, pageFor(process.stdout).width)}\n`,
  );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}

await runScript('bench:large', main);
