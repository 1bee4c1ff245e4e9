// npm run bench:large: a fact located in random checkpoints of large models' shapes, in BF16: the time and the peak memory,
// beside what `model info` predicts.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InputError } from '../../errors.js';
import { inspectThoroughly } from '../../lm/inspect.js';
import { runScript } from '../../script.js';
import { estimateLocate, RANDOM_WEIGHTS } from '../../session/estimate.js';
import { ENGINE_CHOICES, type EngineChoice } from '../../spec/choices.js';
import { writeCheckpoint } from '../checkpoint.js';
import { startChild } from '../child.js';
import { gigabytes, machine, say, tableOf } from '../print.js';
import { type Config, SHAPES } from '../shapes.js';
import { whole } from '../usage.js';
import { type Job, type Result, resultSchema } from './job.js';

const KN_MINI = fileURLToPath(new URL('../../../fixtures/kn-mini', import.meta.url));
const FACT = fileURLToPath(new URL('./fact.js', import.meta.url));
/** As many prompts as `model info` reckons with, and as many tokens in each: one for a country in kn-mini's vocabulary. */
const COUNTRIES = ['Kazakhstan', 'France', 'Germany', 'Japan', 'Italy', 'Spain', 'Egypt', 'Brazil'];
const PROMPT = {
  masked: (country: string) => `In ${country} the seat of the government is called [MASK].`,
  causal: (country: string) => `In ${country} the seat of the parliament and government is called`,
};
const TARGET = 172;
/** Bytes of a file, as hubs have them. */
const SHARD = 2e9;

/** What was measured of a shape. */
interface Measured {
  name: string;
  versions: string;
  /** What the table has of it, from the top. */
  figures: Readonly<Record<string, string>>;
}

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

async function measure(
  name: string,
  config: Config,
  place: string,
  { engine, workers }: Options,
): Promise<Measured> {
  const model = join(place, name);
  if (!existsSync(model)) writeCheckpoint(model, config, KN_MINI, { dtype: 'BF16', shard: SHARD });
  const inspection = await inspectThoroughly(model);
  const { parameters, bytes, causal } = inspection;
  const kind = causal ? 'causal' : 'masked';
  const estimate = await estimateLocate(inspection, engine, { workers, effort: RANDOM_WEIGHTS[kind] });
  const prompts = COUNTRIES.map(PROMPT[kind]);
  const result = await ask(name, { model, prompts, target: TARGET, engine, workers });
  return {
    name,
    versions: `${result.engine}: ${result.versions}`,
    figures: {
      '10⁹ parameters': (parameters / 1e9).toFixed(2),
      'GB on disk': gigabytes(bytes),
      engine: result.engine,
      workers: `${result.workers}`,
      nodes: result.nodes.toFixed(1),
      residual: result.residual.toExponential(1),
      's to load': result.loadSeconds.toFixed(1),
      'CPU s': result.cpuSeconds.toFixed(1),
      's/fact': result.seconds.toFixed(1),
      's/fact, predicted': estimate.locateSeconds.toFixed(1),
      'peak GB': gigabytes(result.peakBytes),
      'peak GB, predicted': gigabytes(estimate.memoryBytes),
    },
  };
}

async function ask(name: string, job: Job): Promise<Result> {
  const child = startChild(name, process.execPath, [FACT, JSON.stringify(job)]);
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
  const found: Measured[] = [];
  try {
    say(machine());
    for (const [name, config] of Object.entries(options.shapes)) {
      found.push(await measure(name, config, place, options));
      if (temporary) rmSync(join(place, name), { recursive: true }); // there may be room for one alone
    }
  } finally {
    if (temporary) rmSync(place, { recursive: true, force: true });
  }
  const quantities = Object.keys(found[0]?.figures ?? {});
  say(
    [...new Set(found.map(({ versions }) => versions))].join('\n'),
    'a fact with 8 prompts of 12 tokens, adaptive, 1e-3',
    tableOf(
      ['', ...found.map(({ name }) => name)],
      1,
      quantities.map((quantity) => [quantity, ...found.map(({ figures }) => figures[quantity] ?? '')]),
    ),
  );
}

await runScript('bench:large', main);
