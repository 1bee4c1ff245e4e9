// What an edit showed: its metrics, which follow from its probes, and what is stored beside them.
import { z } from 'zod';
import type { EditDetail, EditSummary } from '../ledger/edits.js';
import { row } from '../ledger/rows.js';
import type { Neuron } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
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
  type RoleMetrics,
  regressions,
  roleMetrics,
} from '../probe/results.js';
import { VERDICTS, type Verdict } from '../probe/verdict.js';
import { toleranceSchema } from '../spec/edit-file.js';

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

const interval = z.object({ mean: z.number(), low: z.number(), high: z.number() });
const drift = z.object({ probes: z.number(), flips: z.number(), kl: z.number() });

const outcomeSchema = z.object({
  verdict: z.enum(VERDICTS),
  /** Old and new answer of a rewrite. */
  rewrite: z.object({ from: z.string(), to: z.string() }).nullable().default(null),
  control: z
    .object({
      kind: z.enum(['random', 'layer']),
      draws: z.array(z.object({ draw: z.number(), effect: z.number(), damage: z.number() })),
      effect: interval,
      damage: interval,
      after: z.array(z.object({ prob: z.number(), newProb: z.number().optional() })).default([]),
    })
    .nullable(),
  doses: z
    .array(z.object({ dose: z.number(), effect: z.number(), damage: z.number(), flips: z.number() }))
    .default([]),
  /** Distance of the model from its base, before and after the edit; null without a fact base. */
  drift: z.object({ before: drift, after: drift }).nullable(),
  /** Edits that touched the same neurons when this one was applied. */
  overlaps: z.array(z.object({ id: z.number(), name: z.string(), neurons: z.number() })),
  warnings: z.array(z.string()).default([]),
  seconds: z.number().nullable().default(null),
});

/** What cannot be worked out from the probes of an edit. What older versions did not record has its default. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** What is known of an edit that was measured, now or then; the shape that scripts read. */
export interface EditResult extends Omit<Outcome, 'verdict'> {
  /** In the ledger; null when it was not recorded. */
  editId: number | null;
  name: string;
  operation: string;
  /** Null for a patch, which is not measured. */
  verdict: Verdict | null;
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
  /** What the edit left of its neurons' value vectors, and what it found. */
  vectors: (Neuron & {
    beforeSha256: string;
    afterSha256: string;
    before: Float32Array;
    after: Float32Array;
  })[];
  /** The probes, measured again when the edit was last taken back, and when it was last put on again. */
  measuredAgain: { revert: ProbeResult[]; redo: ProbeResult[] };
}

/** What a patch shows, which is not measured. */
const UNMEASURED = {
  verdict: null,
  rewrite: null,
  control: null,
  doses: [],
  drift: null,
  overlaps: [],
  warnings: [],
  seconds: null,
};

const tolerated = z.object({ tolerance: toleranceSchema });

/** @throws ConflictError when the ledger holds an outcome of another form */
export function measuredEdit({ vectors, probes, outcome, ...edit }: EditDetail): MeasuredEdit {
  const { before, after, ...measuredAgain } = probes;
  const { data: asked } = tolerated.safeParse(edit.specification); // a patch has none
  return {
    ...edit,
    editId: edit.id,
    ...(row(outcomeSchema.nullable(), outcome) ?? UNMEASURED),
    neurons: vectors.map(({ at: [layer, neuron], share, meanScore }) => ({
      layer,
      neuron,
      share,
      meanScore,
    })),
    before,
    after,
    regressions: asked ? regressions(before, after, asked.tolerance) : [],
    metrics: metricsOf(before, after),
    vectors: vectors.map(({ at: [layer, neuron], before, after, beforeSha256, afterSha256 }) => {
      return { layer, neuron, beforeSha256, afterSha256, before, after };
    }),
    measuredAgain,
  };
}
