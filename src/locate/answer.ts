// The attribution of an answer of several tokens: that of each token at its own position, averaged.
import { largest } from '../numbers.js';
import { meanMap } from './refined.js';
import type { Attribution } from './score-map.js';

/**
 * @param tokens attributions of the answer's tokens
 * @returns of several tokens: the mean of their maps with the mean sum and delta of each layer, the worst residual,
 *   all gradients that were computed, and the joint probability
 */
export function averageAnswer(tokens: readonly Attribution[]): Attribution {
  const [first] = tokens;
  if (first && tokens.length === 1) return first;
  const completeness = (first?.completeness ?? []).map((_, layer) => {
    const own = tokens.flatMap((one) => one.completeness[layer] ?? []);
    const mean = (value: (one: (typeof own)[number]) => number) =>
      own.reduce((sum, one) => sum + value(one), 0) / own.length;
    return {
      sum: mean(({ sum }) => sum),
      delta: mean(({ delta }) => delta),
      residual: largest(own.map(({ residual }) => residual)),
      nodes: own.reduce((sum, { nodes }) => sum + nodes, 0),
    };
  });
  return {
    prob: tokens.reduce((product, { prob }) => product * prob, 1),
    scores: meanMap(tokens.map(({ scores }) => scores)),
    completeness,
  };
}
