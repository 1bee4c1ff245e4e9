// Which neurons many facts share, and whose facts they are.
import { groupBy } from '../../group.js';
import { type NeuronId, neuronKey } from '../../lm/overlay.js';
import { countNeurons, type LocatedFact } from './neurons.js';

export interface SharedNeuron {
  neuron: NeuronId;
  /** Facts for which it is refined. */
  facts: number;
  /** Relations in which it is, with the share of their facts, the largest first. */
  relations: { relation: string; share: number }[];
}

/** Neurons that are refined for two facts or more, those of most facts first. */
export function sharedNeurons(facts: readonly LocatedFact[]): SharedNeuron[] {
  const places = new Map(facts.flatMap(({ neurons }) => neurons).map((one) => [neuronKey(one), one]));
  const groups = [...groupBy(facts, ({ relation }) => relation)].map(([relation, group]) => {
    return { relation, size: group.length, counts: countNeurons(group) };
  });
  return [...countNeurons(facts)]
    .filter(([, count]) => count > 1)
    .map(([key, count]): SharedNeuron => {
      const relations = groups
        .map(({ relation, size, counts }) => ({ relation, share: (counts.get(key) ?? 0) / size }))
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share);
      return { neuron: places.get(key) ?? [0, 0], facts: count, relations };
    })
    .sort((a, b) => b.facts - a.facts || a.neuron[0] - b.neuron[0] || a.neuron[1] - b.neuron[1]);
}
