// Which few neurons can say something at one key and nothing elsewhere: forward selection in the metric of what is to stay.
import { RIDGE } from './linear-algebra.js';
import { diagonalOf, type Metric, rowOf } from './metric.js';

/**
 * The neurons S, one after the other, each of which raises k_S' M_SS^-1 k_S most: the square of what w = M_SS^-1 k_S
 * reaches at the key, for what it disturbs elsewhere. One Cholesky column per step, so that n of F cost O(F n^2).
 * @param metric M [F, F], positive semi-definite
 * @param key k [F]
 * @param count n
 * @param first those that are chosen before, in this order
 * @param without those that are not to be chosen
 * @returns in the order of the choice; fewer where no further one helps
 */
export function selectNeurons(
  metric: Metric,
  key: Float64Array,
  count: number,
  { first = [], without = [] }: { first?: readonly number[]; without?: readonly number[] } = {},
): number[] {
  const { size } = metric;
  const diagonal = diagonalOf(metric);
  // Neurons that text hardly ever makes active are not free. A few, at attention sinks, are so active that a mean is theirs.
  const ridge = RIDGE * median(diagonal) + Number.MIN_VALUE;
  const open = new Set(Array.from({ length: size }, (_, i) => i));
  for (const i of without) open.delete(i);
  // Of every neuron, what the chosen ones do not explain: of its own activation, and of the key.
  const variance = diagonal.map((one) => one + ridge);
  const residue = Float64Array.from(key);
  const columns: Float64Array[] = [];
  const chosen: number[] = [];
  while (chosen.length < count) {
    const next = first[chosen.length] ?? best(open, variance, residue);
    if (next === undefined) break;
    open.delete(next);
    const pivot = Math.sqrt(Math.max(variance[next] ?? 0, ridge));
    const column = rowOf(metric, next);
    column[next] = (column[next] ?? 0) + ridge;
    for (const earlier of columns) {
      const own = earlier[next] ?? 0;
      if (own !== 0) for (let i = 0; i < size; i++) column[i] = (column[i] ?? 0) - own * (earlier[i] ?? 0);
    }
    const share = (residue[next] ?? 0) / pivot;
    for (let i = 0; i < size; i++) {
      const entry = (column[i] ?? 0) / pivot;
      column[i] = entry;
      variance[i] = (variance[i] ?? 0) - entry * entry;
      residue[i] = (residue[i] ?? 0) - entry * share;
    }
    columns.push(column);
    chosen.push(next);
  }
  return chosen;
}

function median(values: Float64Array): number {
  return values.toSorted()[Math.floor(values.length / 2)] ?? 0;
}

/** The neuron with the largest gain; undefined where none has any. */
function best(open: ReadonlySet<number>, variance: Float64Array, residue: Float64Array): number | undefined {
  let found: number | undefined;
  let most = 0;
  for (const i of open) {
    const gain = (residue[i] ?? 0) ** 2 / Math.max(variance[i] ?? 0, Number.MIN_VALUE);
    if (gain > most) {
      most = gain;
      found = i;
    }
  }
  return found;
}
