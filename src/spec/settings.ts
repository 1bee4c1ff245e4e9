// How a fact is located: the settings, their presets, and their validation.
import { z } from 'zod';
import { PATHS, PRESETS, RULES, SITES, THRESHOLD_MODES } from './choices.js';
import { noiseSchema } from './noise.js';

const count = z.number().int().positive();
const fraction = z.number().min(0).max(1);

const fields = z.strictObject({
  rule: z.enum(RULES),
  /** Nodes of a fixed rule, graded: on each of its intervals; `adaptive` chooses its own. */
  steps: count.max(1000),
  /** Completeness residual at which `adaptive` stops. */
  tolerance: z.number().positive().max(1),
  site: z.enum(SITES),
  /** `frozen-norm`: a norm that acts on the FFN's output alone keeps the root mean square that it has at the end. */
  path: z.enum(PATHS),
  /** Score maps are the mean over this noise; without, they are the model's own. */
  noise: noiseSchema.optional(),
  thresholdMode: z.enum(THRESHOLD_MODES),
  /** ratio: 0 to 1; percentile: 0 to 100; top-k: a count; absolute: a score. */
  threshold: z.number(),
  /** Scores and shares must exceed their thresholds, not only reach them (EleutherAI's code). */
  strict: z.boolean(),
  /** Share of the prompts in which a refined neuron is coarse. */
  share: fraction,
  /** Prompts in which a refined neuron is coarse, at least. */
  minPrompts: count,
  /** Neurons refined in more than this share of the background facts are generic; 1 turns the filter off. */
  maxGeneric: fraction,
  /** Wanted number of refined neurons: the share is then moved in steps of 0.05, at most 6 times. */
  wanted: z.tuple([count, count]).optional(),
});

/** Settings of a localization, complete. */
export const settingsSchema = fields.check((context) => {
  const { rule, steps, thresholdMode: mode, threshold, wanted } = context.value;
  const complain = (field: string, message: string) =>
    context.issues.push({ code: 'custom', path: [field], message, input: context.value });
  if (mode === 'ratio' && (threshold < 0 || threshold > 1)) complain('threshold', 'a ratio lies in 0 to 1');
  if (mode === 'percentile' && (threshold < 0 || threshold > 100)) {
    complain('threshold', 'a percentile lies in 0 to 100');
  }
  if (mode === 'top-k' && !(Number.isInteger(threshold) && threshold > 0)) {
    complain('threshold', 'top-k needs a positive whole number');
  }
  if ((rule === 'uniform' || rule === 'trapezoid') && steps < 2) {
    complain('steps', `${rule} needs at least 2 steps`);
  }
  if (wanted && wanted[0] > wanted[1]) complain('wanted', 'the lower bound exceeds the upper');
});

export type LocateSettings = z.infer<typeof settingsSchema>;

const base: LocateSettings = {
  rule: 'adaptive',
  steps: 20,
  tolerance: 1e-3,
  site: 'post',
  path: 'plain',
  thresholdMode: 'ratio',
  threshold: 0.2,
  strict: false,
  share: 0.7,
  minPrompts: 1,
  maxGeneric: 0.15,
};

/**
 * `default` is ours; `dai2022` the paper's released code; `eleutherai` EleutherAI/knowledge-neurons. Theirs know one
 * path only, `plain`.
 */
const presets: Record<(typeof PRESETS)[number], LocateSettings> = {
  default: base,
  dai2022: { ...base, rule: 'riemann-left', minPrompts: 3, maxGeneric: 1 },
  eleutherai: { ...base, rule: 'uniform', threshold: 0.3, strict: true, share: 0.5, maxGeneric: 1 },
};

/** Families in which EleutherAI/knowledge-neurons attributes the row before the non-linearity: the GPTs that it knows. */
const EARLY_GPTS: readonly string[] = ['gpt2', 'gpt_neo'];

/** `locate` of an edit file, and the options of the commands: a preset and what differs from it. */
export const locateSchema = z.strictObject({
  preset: z.enum(PRESETS).optional(),
  ...fields.omit({ strict: true }).partial().shape,
});

export type LocateOptions = z.infer<typeof locateSchema>;

/** Options, and what is usual where they do not say it. A preset stands for itself: nothing usual is mixed into it. */
export function withUsual(options: LocateOptions, usual: LocateOptions = {}): LocateOptions {
  if (options.preset !== undefined) return options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...usual, ...Object.fromEntries(given) };
}

/**
 * The settings that options describe: the preset's, with the options in place.
 * A threshold mode other than the preset's asks for a threshold of its own; `--steps` without a rule means the
 * fixed Gauss-Legendre rule. Our own preset takes the path `frozen-norm` in models that know it.
 * @param model that they are for, where it is known
 */
export function resolveSettings(
  options: LocateOptions,
  model?: { family: string; normsOutput: boolean },
): unknown {
  const { preset = 'default', ...given } = options;
  const settings: Record<string, unknown> = { ...presets[preset] };
  if (preset === 'default' && model?.normsOutput) settings.path = 'frozen-norm';
  if (preset === 'eleutherai' && model && EARLY_GPTS.includes(model.family)) settings.site = 'pre';
  if (
    given.thresholdMode &&
    given.thresholdMode !== settings.thresholdMode &&
    given.threshold === undefined
  ) {
    settings.threshold = undefined;
  }
  if (given.steps !== undefined && !given.rule && settings.rule === 'adaptive') {
    settings.rule = 'gauss-legendre';
  }
  for (const [key, value] of Object.entries(given)) if (value !== undefined) settings[key] = value;
  return settings;
}
