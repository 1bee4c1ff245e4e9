// What a sweep keeps of a fact: one line of results.jsonl, and one row of its run.
import { z } from 'zod';
import { ROLES } from '../probe/results.js';
import { SWEEP_OPERATIONS } from '../spec/choices.js';

export type { SweepOperation } from '../spec/choices.js';

/** Versions of the computation: a part of every key, so that results of another one are not taken for its own. */
export const COMPUTATION = { locate: 2, edit: 3 };

/** Of its largest, the share that a score must have to be kept (the paper's released code keeps as much). */
export const KEPT_SCORES = 0.1;

/** Roles of the probes of a sweep: those of an edit, and what follows from its new answer. */
const SWEEP_ROLES = [...ROLES, 'portability'] as const;

const index = z.number().int().nonnegative();
const count = z.number().int().positive();
const neuron = z.tuple([index, index]);
const scored = z.tuple([index, index, z.number()]);

const prompt = z.strictObject({
  prompt: z.string(),
  /** P(object); of several tokens, the joint probability. */
  prob: z.number(),
  /** Of the object; 1 when it is the model's answer. */
  rank: count,
  answer: z.string(),
  /** The score that a coarse neuron had to reach; null where no score is positive, or nothing was located. */
  threshold: z.number().nullable(),
  /** The worst completeness residual of its layers; null where nothing was located. */
  residual: z.number().nullable(),
  /** Coarse neurons: layer and index. */
  coarse: z.array(neuron),
  /** Layer, index and score of every neuron with at least a tenth of the largest score; of all with `full`. */
  scores: z.array(scored),
});

/** A probe in one state of the model. */
const side = z.strictObject({
  prob: z.number(),
  rank: count,
  /** The top answer. */
  answer: z.string(),
  /** Tokens of the expected answer that are on top in their places, those before them being given (teacher-forced). */
  hits: index,
  /** For a rewrite, of the new answer. */
  newProb: z.number().optional(),
  newRank: count.optional(),
  newHits: index.optional(),
  /** For a rewrite, P(old answer), where another one is expected. */
  oldProb: z.number().optional(),
  /** After the edit: places of the expected answer's tokens in which the same token is on top as before it. */
  kept: index.optional(),
  /** After the edit: KL divergence of the answers from those before it, in nats. */
  kl: z.number().optional(),
});

const probe = z.strictObject({
  role: z.enum(SWEEP_ROLES),
  prompt: z.string(),
  /** The answer whose `prob` and `rank` are measured. */
  expect: z.string(),
  /** Its tokens, those of the new answer, and of the old where `oldProb` is: `prob ** (1 / tokens)` is the mean per token. */
  tokens: count,
  newTokens: count.optional(),
  oldTokens: count.optional(),
  /** For a rewrite: whether the expected answer is the new one. */
  expectsNew: z.boolean().optional(),
  before: side,
  after: side,
});

/** Random neurons in place of the located ones. */
const control = z.strictObject({
  draws: z.array(
    z.strictObject({
      /** Seed of the draw. */
      draw: count,
      /** Mean change of P(object), for a rewrite of P(new), on the target prompts. */
      effect: z.number(),
      /** Mean absolute change of P(expected) on neighbourhood and unrelated probes, and share of changed top answers. */
      damage: z.number(),
      flips: z.number().nullable(),
      perplexityRise: z.number().nullable(),
      /** Every probe but those of portability, in their order. */
      after: z.array(side),
    }),
  ),
});

const effect = z.strictObject({
  /** Method of a rewrite. */
  method: z.string().nullable(),
  /** The new answer of a rewrite, in words. */
  to: z.string().nullable(),
  /** Value vectors that changed: layer and index. */
  changed: z.array(neuron),
  /** One of `VERDICTS`. */
  verdict: z.string(),
  /** Beside the control (`COMPARISONS`); null without one. */
  comparison: z.string().nullable(),
  /** Whether the regression check refuses it, by what the sweep measures. */
  wouldRefuse: z.boolean(),
  /** Mean change of P(object), for a rewrite of P(new), on the target prompts. */
  effect: z.number(),
  /** As of the control's draws. */
  damage: z.number().nullable(),
  flips: z.number().nullable(),
  /** Further facts of the base that were asked, and how many lost their answer; null without a base, or a control. */
  further: z.strictObject({ asked: index, lost: index }).nullable(),
  probes: z.array(probe),
  control: control.nullable(),
  /** On ordinary text; null where the background has none. */
  perplexity: z.strictObject({ before: z.number(), after: z.number(), tokens: count }).nullable(),
});

export const resultSchema = z.strictObject({
  /** Hash of model, applied edits, fact, settings, operation, seed and version of the computation. */
  key: z.string(),
  computation: count,
  /** The fact's place in its set, from 0, by which results are sorted. */
  place: index,
  /** Its id in the set. */
  id: z.string(),
  relation: z.string(),
  subject: z.string(),
  object: z.string(),
  operation: z.enum(SWEEP_OPERATIONS),
  prompts: z.array(prompt),
  /** Refined neurons, the largest mean score first. */
  neurons: z.array(z.strictObject({ layer: index, neuron: index, share: z.number(), meanScore: z.number() })),
  /** The share that was used (it moves when a number of neurons is wanted). */
  share: z.number(),
  /** Mean Jaccard overlap of the prompts' coarse sets. */
  consistency: z.number(),
  /** Neurons that enough prompts share, and that are left out as generic. */
  generic: z.array(neuron),
  /** The paper's baseline: refined neurons when activations are thresholded in place of scores. */
  baseline: z.array(neuron),
  /** Null for `locate`. */
  effect: effect.nullable(),
  /** Name of the engine that computed it; older results have none. Engines round differently. */
  engine: z.string().optional(),
  warnings: z.array(z.string()),
  /**
   * The fact's share of the time and of the processor's time: of locating, as much as every fact of its group; of each moment
   * of editing, as much as every edit that was at work.
   */
  seconds: z.number(),
  cpuSeconds: z.number(),
});

export type SweepResult = z.infer<typeof resultSchema>;

/** What a result says of where its fact lies. */
const { prompts, neurons, share, consistency, generic, baseline, warnings } = resultSchema.shape;
const locatedPart = z.object({ prompts, neurons, share, consistency, generic, baseline });
export type LocatedPart = z.infer<typeof locatedPart>;

/** A fact that was located before, as its result has it. */
export const knownSchema = locatedPart.extend({ object: z.string(), warnings });

export type SweepEffect = z.infer<typeof effect>;
export type SweepProbe = z.infer<typeof probe>;
export type SweepSide = z.infer<typeof side>;

/** The fields in which two runs over the same facts differ. */
export const TIMES = ['seconds', 'cpuSeconds'] as const satisfies readonly (keyof SweepResult)[];

/** A fact that could not be done: one line of failures.jsonl. */
export const failureSchema = z.strictObject({
  key: z.string(),
  place: index,
  id: z.string(),
  relation: z.string(),
  subject: z.string(),
  /** `input`: the fact cannot be used; it is not tried again. `crash`: its worker failed, or ended, each time. */
  kind: z.enum(['input', 'crash']),
  tries: count,
  message: z.string(),
});

export type SweepFailure = z.infer<typeof failureSchema>;
