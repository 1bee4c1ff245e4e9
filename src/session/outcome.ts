// What an edit showed: its metrics, which follow from its probes, and what is stored beside them.
import { z } from 'zod';
import type { EditDetail } from '../ledger/edits.js';
import { row } from '../ledger/rows.js';
import {
  effectOf,
  type RewriteMetrics,
  rewriteMetrics,
  type SideEffects,
  sideEffects,
} from '../probe/metrics.js';
import { type ProbeResult, type RoleMetrics, roleMetrics } from '../probe/results.js';
import { VERDICTS } from '../probe/verdict.js';

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
  control: z
    .object({
      kind: z.enum(['random', 'layer']),
      draws: z.array(z.object({ draw: z.number(), effect: z.number(), damage: z.number() })),
      effect: interval,
      damage: interval,
    })
    .nullable(),
  /** Distance of the model from its base, before and after the edit; null without a fact base. */
  drift: z.object({ before: drift, after: drift }).nullable(),
  /** Edits that touched the same neurons when this one was applied. */
  overlaps: z.array(z.object({ id: z.number(), name: z.string(), neurons: z.number() })),
});

/** What cannot be worked out from the probes of an edit. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** A stored edit with what its probes amount to; the shape that scripts read. */
export interface MeasuredEdit extends EditDetail {
  /** Null for a patch, which is not measured. */
  outcome: Outcome | null;
  metrics: EditMetrics;
}

/** @throws ConflictError when the ledger holds an outcome of another form */
export function measuredEdit(edit: EditDetail): MeasuredEdit {
  const { before, after } = edit.probes;
  return {
    ...edit,
    outcome: row(outcomeSchema.nullable(), edit.outcome),
    metrics: metricsOf(before, after),
  };
}
