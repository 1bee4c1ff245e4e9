// A model for as long as an operation is carried out on some of its neurons.
import { expect } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { extendOverlay, type NeuronId, NO_OVERLAY } from '../../src/lm/overlay.js';
import { operationSchema } from '../../src/spec/edit-file.js';
import { applyChange } from '../../src/surgery/change.js';
import { closedChange } from '../../src/surgery/operations.js';

/** Carries out an operation of an edit file, does some work, and takes the operation back. @returns what the work gave */
export function edited<T>(
  model: LanguageModel,
  neurons: readonly NeuronId[],
  operation: unknown,
  object: string,
  work: () => T,
): T {
  const change = closedChange(model, operationSchema.parse(operation), object);
  const { hidden } = model.info;
  const before = model.valueVectors(neurons);
  const vectors = neurons.map((at, i) => ({
    at,
    vector: applyChange(before.slice(i * hidden, (i + 1) * hidden), change),
  }));
  model.use(extendOverlay(NO_OVERLAY, vectors));
  try {
    return work();
  } finally {
    model.use(NO_OVERLAY);
    expect(model.valueVectors(neurons)).toEqual(before);
  }
}
