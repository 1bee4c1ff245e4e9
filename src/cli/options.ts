// Options that commands share, each described once.
import type { Argv } from 'yargs';
import { InputError } from '../errors.js';
import {
  ENGINE_CHOICES,
  type EngineChoice,
  PATHS,
  PERPLEXITY_LIMIT,
  PRESETS,
  RULES,
  SITES,
  THRESHOLD_MODES,
} from '../spec/choices.js';
import type { LocateOptions } from '../spec/settings.js';

/** How output can be had: every command as text or as a document; what prints tables, as the main one of them, too. */
export const FORMATS = ['table', 'json'] as const;
export const TABLE_FORMATS = ['csv', 'md'] as const;
export type Format = (typeof FORMATS)[number] | (typeof TABLE_FORMATS)[number];

export interface CommonArguments {
  model?: string | undefined;
  db?: string | undefined;
  engine?: EngineChoice | undefined;
  workers?: number | undefined;
  base?: boolean | undefined;
  format?: Format | undefined;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  noPager?: boolean | undefined;
  verbose?: boolean | undefined;
}

/** @throws InputError when an option's value is not a whole number within these bounds */
export function expectWhole(option: string, value: number, least = 1, most?: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= (most ?? value)) return;
  const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`;
  throw new InputError(`--${option}: must be a whole number ${range}`);
}

function checkWorkers({ workers }: { workers?: number | undefined }): true {
  if (workers !== undefined) expectWhole('workers', workers);
  return true;
}

/** Options of every command. */
export function commonOptions(argv: Argv): Argv<CommonArguments> {
  return argv
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe:
        'Checkpoint directory, GGUF file, or model of the hub (kn-edit model)  [default: the embedded kn-mini]',
    })
    .option('db', {
      type: 'string',
      requiresArg: true,
      describe: "Ledger file  [default: KN_EDIT_DB, or the model's own in .kn-edit]",
    })
    .option('engine', {
      choices: ENGINE_CHOICES,
      requiresArg: true,
      describe: 'Tensor engine  [default: auto]',
    })
    .option('workers', {
      type: 'number',
      requiresArg: true,
      describe: 'Threads that compute; they share the weights  [default: one per core]',
    })
    .option('base', { type: 'boolean', describe: "Ignore the ledger's edits" })
    .option('format', {
      choices: FORMATS,
      requiresArg: true,
      describe: 'Output: text, or one JSON document; csv and md, where there is a table: that alone',
    })
    .option('json', { type: 'boolean', describe: 'The same as --format json' })
    .option('quiet', { type: 'boolean', describe: 'No progress, and no notes' })
    .option('no-pager', { type: 'boolean', describe: 'Do not page long output on a terminal' })
    .option('verbose', { type: 'boolean', describe: 'Show stack traces' })
    .check(checkWorkers, true)
    .check(checkFormat, true);
}

function checkFormat({ format, json }: CommonArguments): true {
  if (json && format !== undefined && format !== 'json') {
    throw new InputError(`--json: is --format json; drop it, or --format ${format}`);
  }
  return true;
}

/** The format that arguments ask for. */
export function formatOf({ format, json }: CommonArguments): Format {
  return json ? 'json' : (format ?? 'table');
}

/** Of commands that print a table: its formats. */
export function tableFormats<T>(argv: Argv<T>): Argv<T> {
  argv.choices('format', TABLE_FORMATS);
  return argv;
}

/** Positional arguments of a command that may begin with a dash, as "-" does. */
export function dashed<T>(argv: Argv<T>, ...names: string[]): Argv<T> {
  return argv.requiresArg(names); // which is how yargs reads positionals: as options, each followed by its value
}

export interface LocateArguments extends CommonArguments {
  preset?: LocateOptions['preset'];
  rule?: LocateOptions['rule'];
  steps?: number | undefined;
  tolerance?: number | undefined;
  site?: LocateOptions['site'];
  path?: LocateOptions['path'];
  noise?: string | undefined;
  thresholdMode?: LocateOptions['thresholdMode'];
  threshold?: number | undefined;
  share?: number | undefined;
  minPrompts?: number | undefined;
  maxGeneric?: number | undefined;
}

/** How score maps are computed. */
export function ruleOptions<T>(argv: Argv<T>) {
  return argv
    .option('rule', { choices: RULES, requiresArg: true, describe: 'Quadrature rule  [default: adaptive]' })
    .option('steps', {
      type: 'number',
      requiresArg: true,
      describe: 'Nodes of a fixed rule; graded: per interval',
    })
    .option('tolerance', {
      type: 'number',
      requiresArg: true,
      describe: 'Completeness residual that adaptive stops at',
    })
    .option('site', {
      choices: SITES,
      requiresArg: true,
      describe:
        "Where the path runs: the input of the FFN's output matrix (post; gated: act(gate) * up), or the row before the non-linearity (pre; gated: the gate's)",
    })
    .option('path', {
      choices: PATHS,
      requiresArg: true,
      describe: "Hold the norm on the FFN's output, or not  [default: frozen-norm where there is one]",
    })
    .option('noise', {
      type: 'string',
      requiresArg: true,
      describe: 'Average over noisegrad, smoothgrad or fusiongrad, e.g. noisegrad:sigma=0.2,samples=10',
    });
}

/** How neurons are chosen from the score maps. */
export function locateOptions<T>(argv: Argv<T>) {
  return ruleOptions(argv)
    .option('preset', {
      choices: PRESETS,
      requiresArg: true,
      describe: 'Settings to start from',
    })
    .option('threshold-mode', {
      choices: THRESHOLD_MODES,
      requiresArg: true,
      describe: 'What the threshold means',
    })
    .option('threshold', { type: 'number', requiresArg: true, describe: 'Threshold of coarse neurons' })
    .option('share', {
      type: 'number',
      requiresArg: true,
      describe: 'Share of the prompts that refined neurons need',
    })
    .option('min-prompts', {
      type: 'number',
      requiresArg: true,
      describe: 'Prompts that refined neurons need, at least',
    })
    .option('max-generic', {
      type: 'number',
      requiresArg: true,
      describe: 'Share of background facts above which neurons are generic',
    });
}

/** The settings among the arguments, validated like those of a file. */
export async function locateSettings(argv: LocateArguments): Promise<LocateOptions> {
  const [{ validate }, { parseNoise }, { locateSchema }] = await Promise.all([
    import('../spec/json.js'),
    import('../spec/noise.js'),
    import('../spec/settings.js'),
  ]);
  const given = {
    preset: argv.preset,
    rule: argv.rule,
    steps: argv.steps,
    tolerance: argv.tolerance,
    site: argv.site,
    path: argv.path,
    noise: argv.noise === undefined ? undefined : parseNoise(argv.noise),
    thresholdMode: argv.thresholdMode,
    threshold: argv.threshold,
    share: argv.share,
    minPrompts: argv.minPrompts,
    maxGeneric: argv.maxGeneric,
  };
  // What is not given must not hide what a file says.
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  for (const [name, value] of Object.entries(options)) {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    validate(option, value, locateSchema.shape[name as keyof typeof given]);
  }
  return options;
}

export interface JudgingArguments {
  allowRegressions?: boolean | undefined;
  control?: 'random' | 'layer' | 'none' | undefined;
  seeds?: number | undefined;
  driftLimit?: number | undefined;
  perplexityLimit?: number | undefined;
}

/** What an edit is held against, and refused for. */
export function judgingOptions<T>(argv: Argv<T>) {
  return argv
    .option('allow-regressions', {
      type: 'boolean',
      describe: 'Apply even if the regression check fails; without it, exit 3, in a dry run too',
    })
    .option('control', {
      choices: ['random', 'layer', 'none'] as const,
      requiresArg: true,
      describe: 'Neurons that the effect is held against  [default: random]',
    })
    .option('seeds', {
      type: 'number',
      requiresArg: true,
      describe: 'Random draws of the control  [default: 5]',
    })
    .option('drift-limit', {
      type: 'number',
      requiresArg: true,
      describe: 'Refuse when a larger share of a fixed set of facts would differ from the base',
    })
    .option('perplexity-limit', {
      type: 'number',
      requiresArg: true,
      describe: `Refuse when perplexity on ordinary text rises by a larger share  [default: ${PERPLEXITY_LIMIT}]`,
    });
}

/** The same among the arguments. @throws InputError that names the option whose value is out of bounds */
export function judging(argv: JudgingArguments) {
  const { allowRegressions, control, seeds, driftLimit, perplexityLimit } = argv;
  if (seeds !== undefined) expectWhole('seeds', seeds, 1, 100);
  if (driftLimit !== undefined && !(driftLimit >= 0 && driftLimit <= 1)) {
    throw new InputError('--drift-limit: must be a share, 0 to 1');
  }
  if (perplexityLimit !== undefined && !(perplexityLimit >= 0)) {
    throw new InputError('--perplexity-limit: must be a share, 0 or more');
  }
  return { allowRegressions, control, seeds, driftLimit, perplexityLimit };
}

/** A target given as a word or as a token id. */
export function targetOptions<T>(argv: Argv<T>) {
  return argv
    .option('target', { type: 'string', requiresArg: true, describe: 'Answer, as a word' })
    .option('target-id', { type: 'number', requiresArg: true, describe: 'Answer, as a token id' })
    .conflicts('target', 'target-id');
}

/** @throws InputError when an id is not a whole number from 0 */
export function targetOf(argv: { target?: string | undefined; targetId?: number | undefined }) {
  const { target, targetId } = argv;
  if (targetId === undefined) return target;
  expectWhole('target-id', targetId, 0);
  return { id: targetId };
}
