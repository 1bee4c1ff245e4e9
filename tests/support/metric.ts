// A metric as tests look at it: entry by entry.
import { type Metric, partOf } from '../../src/surgery/metric.js';

export function entriesOf(metric: Metric): (i: number, j: number) => number {
  const { size } = metric;
  const whole = partOf(metric, [...Array(size).keys()]);
  return (i, j) => whole[i * size + j] ?? 0;
}
