// What score maps say of the rule that found them: how many gradients it took, and how much of P it left unexplained.
import type { Attribution } from '../locate/score-map.js';

export interface Summary {
  /** Mean over the layers of all maps; 0 where they tell of none. */
  nodes: number;
  /** The largest completeness residual of all of them. */
  residual: number;
}

export function summaryOf(...maps: readonly Pick<Attribution, 'completeness'>[]): Summary {
  const all = maps.flatMap(({ completeness }) => completeness);
  return {
    nodes: all.reduce((sum, { nodes }) => sum + nodes, 0) / Math.max(1, all.length),
    residual: Math.max(0, ...all.map(({ residual }) => residual)),
  };
}
