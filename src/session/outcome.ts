// What an edit showed: its metrics, which follow from its probes, and what is stored beside them.
import { z } from 'zod';
import type { EditDetail, EditSummary } from '../ledger/edits.js';
import { row } from '../ledger/rows.js';
import type { Neuron } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { COMPARISONS, GAINS } from '../probe/comparison.js';
import {
  effectOf,
  type RewriteMetrics,
  rewriteMetrics,
  type SideEffects,
  sideEffects,
} from '../probe/metrics.js';
import {
  type ProbeResult,
  type Regression,
  ROLES,
  type RoleMetrics,
  regressions,
  roleMetrics,
} from '../probe/results.js';
import { STANDINGS } from '../probe/standing.js';

import { type Fact, factSchema, toleranceSchema } from '../spec/edit-file.js';
import { type LocateOptions, locateSchema } from '../spec/settings.js';

export interface EditMetrics {
  /** Mean change, on the locating prompts, of P(new) for a rewrite and of P(object) otherwise. */
  effect: number;
  roles: RoleMetrics[];
  /** Null for operations that have no new answer. */
  rewrite: RewriteMetrics | null;
  sideEffects: SideEffects;
}

/** All metrics of an edit. `after` in the order of `before`. */
export function metricsOf(before: readonly ProbeResult[], after: readonly ProbeResult[]): EditMetrics {
  const rewritten = before.some(({ newProb }) => newProb !== undefined);
  return {
    effect: effectOf(before, after),
    roles: roleMetrics(before, after),
    rewrite: rewritten ? rewriteMetrics(before, after) : null,
    sideEffects: sideEffects(before, after),
  };
}

const interval = z.object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable() });
const drift = z.object({ probes: z.number(), flips: z.number(), kl: z.number() });

const share = z.object({ before: z.number(), after: z.number(), of: z.number() });
const side = z.object({ answer: z.string(), answerProb: z.number(), prob: z.number() });
const regression = z.object({
  role: z.enum(['edited', ...ROLES]),
  edit: z.object({ id: z.number(), name: z.string() }).optional(),
  prompt: z.string(),
  expect: z.string(),
  kind: z.enum(['top1', 'probability']),
  before: side,
  after: side,
});

const outcomeSchema = z.object({
  /** One of `VERDICTS`; older versions had other words. */
  verdict: z.string(),
  /** Beside the controls; null where older versions said it within the verdict. */
  comparison: z.enum(COMPARISONS).nullable().default(null),
  /** In what it is better than they are. */
  gains: z.array(z.enum(GAINS)).default([]),
  /** The shares that the verdict stands on. */
  reach: z
    .object({ intent: z.enum(['replace', 'raise', 'lower']), target: share, heldOut: share })
    .nullable()
    .default(null),
  /** Old and new answer of a rewrite. */
  rewrite: z.object({ from: z.string(), to: z.string() }).nullable().default(null),
  control: z
    .object({
      kind: z.enum(['random', 'layer']),
      draws: z.array(
        z.object({
          draw: z.number(),
          effect: z.number(),
          damage: z.number(),
          flips: z.number().nullable().default(null),
          perplexityRise: z.number().nullable().default(null),
        }),
      ),
      effect: interval,
      damage: interval,
      flips: interval.nullable().default(null),
      perplexityRise: interval.nullable().default(null),
      after: z.array(z.object({ prob: z.number(), newProb: z.number().optional() })).default([]),
    })
    .nullable(),
  doses: z
    .array(z.object({ dose: z.number(), effect: z.number(), damage: z.number(), flips: z.number() }))
    .default([]),
  /** Distance of the model from its base, before and after the edit; null without a fact base. */
  drift: z.object({ before: drift, after: drift }).nullable(),
  /** On ordinary text, before and after it; null where the background has none, and in older versions. */
  perplexity: z
    .object({
      before: z.number(),
      after: z.number(),
      rise: z.number(),
      limit: z.number(),
      tokens: z.number(),
      sources: z.array(z.string()),
    })
    .nullable()
    .default(null),
  /** Further facts of the base that were asked, and how many lost their answer; null without a base, or a control. */
  further: z.object({ asked: z.number(), facts: z.number(), lost: z.number() }).nullable().default(null),
  /** How the edits that were applied before it stand after it. */
  standings: z
    .array(
      z.object({
        id: z.number(),
        name: z.string(),
        wants: z.string(),
        state: z.enum(STANDINGS),
        kept: z.number(),
        reached: z.number(),
        probRecorded: z.number(),
        prob: z.number(),
      }),
    )
    .default([]),
  /** What it changed that should have stayed; null where older versions did not record it. */
  regressions: z.array(regression).nullable().default(null),
  /** Ids of the overlays before and after it; null where older versions did not record them. */
  overlays: z.object({ before: z.string(), after: z.string() }).nullable().default(null),
  /** Edits that touched the same neurons when this one was applied. */
  overlaps: z.array(z.object({ id: z.number(), name: z.string(), neurons: z.number() })),
  warnings: z.array(z.string()).default([]),
  seconds: z.number().nullable().default(null),
});

/** What cannot be worked out from the probes of an edit. What older versions did not record has its default. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** What is known of an edit that was measured, now or then; the shape that scripts read. */
export interface EditResult extends Omit<Outcome, 'verdict' | 'regressions'> {
  /** In the ledger; null when it was not recorded. */
  editId: number | null;
  name: string;
  operation: string;
  /** Null for a patch, which is not measured. */
  verdict: string | null;
  neurons: LocatedNeuron[];
  before: ProbeResult[];
  after: ProbeResult[];
  regressions: Regression[];
  metrics: EditMetrics;
}

/** An edit of the ledger: what `history` and `apply` tell of it, by the same names, and all that was recorded. */
export interface MeasuredEdit extends EditResult, Omit<EditSummary, 'neurons'> {
  editId: number;
  localizationId: number | null;
  specification: unknown;
  settings: unknown;
  versions: Record<string, string>;
  /** What the edit left of its neurons' value vectors, and what it found; hashes alone of a change of rank one. */
  vectors: (Neuron & {
    beforeSha256: string;
    afterSha256: string;
    before: Float32Array | null;
    after: Float32Array | null;
  })[];
  /** The probes, measured again when the edit was last taken back, and when it was last put on again. */
  measuredAgain: { revert: ProbeResult[]; redo: ProbeResult[] };
}

/** What a patch shows, which is not measured. */
const UNMEASURED = {
  verdict: null,
  comparison: null,
  gains: [],
  reach: null,
  perplexity: null,
  further: null,
  overlays: null,
  standings: [],
  regressions: null,
  rewrite: null,
  control: null,
  doses: [],
  drift: null,
  overlaps: [],
  warnings: [],
  seconds: null,
};

/** The fact of an edit, and what its file says of locating it. Patches and edits of relations have none. */
export interface EditFact {
  fact?: Fact | undefined;
  locate?: LocateOptions | undefined;
}

const ofFact = z.object({ fact: factSchema, locate: locateSchema.optional() });

/** @param specification as the ledger has it */
export function factOf(specification: unknown): EditFact {
  return ofFact.safeParse(specification).data ?? {};
}

const tolerated = z.object({ tolerance: toleranceSchema });

/** @throws ConflictError when the ledger holds an outcome of another form */
export function measuredEdit({ vectors, probes, outcome, ...edit }: EditDetail): MeasuredEdit {
  const { before, after, ...measuredAgain } = probes;
  const { data: asked } = tolerated.safeParse(edit.specification); // a patch has none
  const known = row(outcomeSchema.nullable(), outcome) ?? UNMEASURED;
  return {
    ...edit,
    editId: edit.id,
    ...known,
    neurons: vectors.map(({ at: [layer, neuron], share, meanScore }) => ({
      layer,
      neuron,
      share,
      meanScore,
    })),
    before,
    after,
    regressions: known.regressions ?? (asked ? regressions(before, after, asked.tolerance) : []),
    metrics: metricsOf(before, after),
    vectors: vectors.map(
      ({ at: [layer, neuron], before = null, after = null, beforeSha256, afterSha256 }) => {
        return { layer, neuron, beforeSha256, afterSha256, before, after };
      },
    ),
    measuredAgain,
  };
}
