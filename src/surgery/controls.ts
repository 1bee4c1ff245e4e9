// Controls: the same operation on neurons that were not located.
import { type NeuronId, neuronKey } from '../lm/overlay.js';
import { draw } from '../random.js';

/**
 * The same neuron indices, `shift` layers further up, around the end.
 * @param layers those that count, in order
 */
export function layerShifted(
  neurons: readonly NeuronId[],
  layers: readonly number[],
  shift: number,
): NeuronId[] {
  return neurons.map(([layer, neuron]) => {
    return [layers[(layers.indexOf(layer) + shift) % layers.length] ?? layer, neuron];
  });
}

/**
 * As many random neurons in each layer as `neurons` has there, none of them in `neurons`.
 * @param width F
 */
export function matchedRandom(neurons: readonly NeuronId[], width: number, random: () => number): NeuronId[] {
  const located = new Set(neurons.map(neuronKey));
  const layers = [...new Set(neurons.map(([layer]) => layer))].sort((a, b) => a - b);
  return layers.flatMap((layer) => {
    const count = neurons.filter(([at]) => at === layer).length;
    const others = Array.from({ length: width }, (_, neuron): NeuronId => [layer, neuron]).filter(
      (at) => !located.has(neuronKey(at)),
    );
    return draw(others, count, random);
  });
}
