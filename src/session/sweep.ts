// Trying a setting of a rewrite at several values: the smallest that works and harms nothing is the one to take.
import type { SWEPT } from '../spec/choices.js';
import { type EditFile, editSchema } from '../spec/edit-file.js';
import { validate } from '../spec/json.js';
import type { CarriedThrough } from './apply.js';

/** A setting, and the values at which it is tried. */
export interface Sweep {
  field: (typeof SWEPT)[number];
  values: readonly number[];
}

/** What a rewrite does at one value; the shape that scripts read. */
export interface SweptValue {
  value: number;
  /** Value vectors that change. */
  neurons: number;
  verdict: string;
  effect: number;
  /** Share of neighbourhood and unrelated probes whose top answer changed; null where there are none. */
  flips: number | null;
  regressions: number;
  perplexityRise: number | null;
  /** Whether the new answer is on top everywhere, and nothing is harmed. */
  works: boolean;
}

/** The edit at each value, the smallest first. @throws InputError where the setting does not go with the edit's method */
export function variantsOf(edit: EditFile, { field, values }: Sweep): { value: number; edit: EditFile }[] {
  return [...new Set(values)]
    .sort((a, b) => a - b)
    .map((value) => {
      const operation = { ...edit.operation, [field]: value };
      return { value, edit: validate(`--sweep ${field}`, { ...edit, operation }, editSchema) };
    });
}

export function sweptValue(value: number, result: CarriedThrough): SweptValue {
  const { verdict, metrics, neurons, regressions, perplexity, reach } = result;
  const everywhere = [reach.target, reach.heldOut].every(({ after, of }) => after === of);
  return {
    value,
    neurons: neurons.length,
    verdict,
    effect: metrics.effect,
    flips: metrics.sideEffects.flips.all,
    regressions: regressions.length,
    perplexityRise: perplexity?.rise ?? null,
    works: everywhere && verdict !== 'harms others',
  };
}
