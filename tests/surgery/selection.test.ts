// Forward selection, against closed forms and against solving for every set anew.
import { describe, expect, it } from 'vitest';
import { dot, RIDGE, solvePositiveDefinite } from '../../src/surgery/linear-algebra.js';
import { diagonalOf, holding, type Metric, partOf, rowOf, upperOf } from '../../src/surgery/metric.js';
import { selectNeurons } from '../../src/surgery/selection.js';
import { entriesOf } from '../support/metric.js';

const SIZE = 24;

/** R'R / n of so many pseudo-random rows, some of which hardly differ. */
function metricOf(rows: number): { metric: Metric; whole: Float64Array } {
  const whole = new Float64Array(SIZE * SIZE);
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from({ length: SIZE }, (_, i) => Math.sin(1 + r * 7.3 + (i % 20) * (i + 2.1)));
    for (let i = 0; i < SIZE; i++) {
      for (let j = 0; j < SIZE; j++) {
        whole[i * SIZE + j] = (whole[i * SIZE + j] ?? 0) + ((row[i] ?? 0) * (row[j] ?? 0)) / rows;
      }
    }
  }
  return { metric: { size: SIZE, upper: upperOf(whole, SIZE) }, whole };
}

const KEY = Float64Array.from({ length: SIZE }, (_, i) => Math.cos(3 * i + 1));

/** k_S' M_SS^-1 k_S, with the ridge that the selection has. */
function gainOf(metric: Metric, neurons: readonly number[]): number {
  const k = neurons.length;
  const m = partOf(metric, neurons);
  const median = diagonalOf(metric).sort()[Math.floor(metric.size / 2)] ?? 0;
  for (let i = 0; i < k; i++) m[i * k + i] = (m[i * k + i] ?? 0) + RIDGE * median;
  const key = Float64Array.from(neurons, (neuron) => KEY[neuron] ?? 0);
  return dot(key, solvePositiveDefinite(m, key, k));
}

describe('the metric', () => {
  it('keeps one half of a symmetric matrix', () => {
    const { metric, whole } = metricOf(30);
    const entry = entriesOf(metric);
    for (const i of [0, 5, SIZE - 1]) {
      const row = rowOf(metric, i);
      for (let j = 0; j < SIZE; j++) {
        expect(row[j]).toBe(Math.fround(whole[i * SIZE + j] ?? 0));
        expect(entry(i, j)).toBe(row[j]);
      }
    }
  });

  it('holds groups of keys, which weigh the same whatever their size', () => {
    const { metric, whole } = metricOf(30);
    const key = (n: number) => Float32Array.from({ length: SIZE }, (_, i) => Math.sin(n + i * i));
    const groups = [[key(1)], [key(2), key(3), key(4)]];
    const rows = groups.map((group) => Float32Array.from(group.flatMap((one) => [...one])));
    const held = [...rows, new Float32Array()].reduce<Metric>((sum, one) => holding(sum, one), metric);
    const expected = (i: number, j: number) =>
      groups.reduce(
        (sum, group) => {
          return sum + group.reduce((all, one) => all + (one[i] ?? 0) * (one[j] ?? 0), 0) / group.length;
        },
        whole[i * SIZE + j] ?? 0,
      );
    const [entry, diagonal] = [entriesOf(held), diagonalOf(held)];
    for (let i = 0; i < SIZE; i++) {
      expect(diagonal[i]).toBeCloseTo(expected(i, i), 5);
      const row = rowOf(held, i);
      for (let j = 0; j < SIZE; j++) {
        expect(row[j]).toBeCloseTo(expected(i, j), 5);
        expect(entry(i, j)).toBeCloseTo(expected(i, j), 5);
      }
    }
  });
});

describe('selection', () => {
  it('of independent neurons is by k^2 / C', () => {
    const diagonal = Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
      const [i, j] = [Math.floor(at / SIZE), at % SIZE];
      return i === j ? 1 + (i % 5) : 0;
    });
    const metric = { size: SIZE, upper: upperOf(diagonal, SIZE) };
    const byGain = Array.from({ length: SIZE }, (_, i) => i).sort(
      (a, b) => (KEY[b] ?? 0) ** 2 / (1 + (b % 5)) - (KEY[a] ?? 0) ** 2 / (1 + (a % 5)),
    );
    expect(selectNeurons(metric, KEY, 6)).toEqual(byGain.slice(0, 6));
  });

  it('takes the neuron that raises the gain most, every time', () => {
    const { metric } = metricOf(30);
    const chosen = selectNeurons(metric, KEY, 8);
    chosen.forEach((neuron, at) => {
      const before = chosen.slice(0, at);
      const gains = Array.from({ length: SIZE }, (_, i) => i)
        .filter((i) => !before.includes(i))
        .map((i) => gainOf(metric, [...before, i]));
      expect(gainOf(metric, [...before, neuron])).toBeGreaterThan(Math.max(...gains) * (1 - 1e-6));
    });
  });

  it('is nothing where the key is zero', () => {
    expect(selectNeurons(metricOf(30).metric, new Float64Array(SIZE), 4)).toEqual([]);
  });
});
