// A model's state with some value vectors changed.
import type { LanguageModel } from '../lm/language-model.js';
import { extendOverlay, type NeuronId, type Overlay } from '../lm/overlay.js';
import { applyChange, type Change } from './change.js';

/** The model's present overlay and, on top, some neurons with their value vectors changed. @param changes one per neuron */
export function changed(
  model: LanguageModel,
  neurons: readonly NeuronId[],
  changes: readonly Change[],
): Overlay {
  const { hidden } = model.info;
  const values = model.valueVectors(neurons);
  const vectors = neurons.map((at, i) => {
    const own = values.slice(i * hidden, (i + 1) * hidden);
    return { at, vector: applyChange(own, changes[i] ?? { scale: 1 }) };
  });
  return extendOverlay(model.overlay, vectors);
}
