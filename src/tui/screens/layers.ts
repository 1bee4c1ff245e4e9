// How a localization spreads over the layers, a line each: refined neurons, and how good the integral is.
import type { Localization } from '../../index.js';
import { largest } from '../../numbers.js';
import { bar, scientific } from '../../report/numbers.js';
import type { Style } from '../../report/style.js';

/** Columns of a line that are not its bar: layer, refined neurons, residual, nodes. */
const COLUMNS = [4, 8, 9, 6] as const;
const LEAST_BAR = 3;

/** The head line above them. */
export function layerHead(width: number): string {
  const [, ...numbers] = COLUMNS;
  const titles = ['refined', 'residual', 'nodes'].map((title, i) => title.padStart(numbers[i] ?? 0));
  return `${'layer'.padEnd(COLUMNS[0] + barWidth(width))}${titles.join('')}`;
}

/** The highest layer first; where they do not all fit, those with most refined neurons. */
export function layerLines(
  { neurons, prompts, settings }: Localization,
  layers: number,
  width: number,
  height: number,
  style: Style,
): string[] {
  const counts = Array.from(
    { length: layers },
    (_, layer) => neurons.filter((one) => one.layer === layer).length,
  );
  const most = largest(counts, 1);
  const order = [...counts.keys()].reverse();
  const listed =
    layers <= height
      ? order
      : order.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || b - a).slice(0, height);
  return listed.map((layer) => {
    const here = prompts.flatMap(({ completeness }) => completeness[layer] ?? []);
    const residual = largest(
      here.map((one) => one.residual),
      0,
    );
    const nodes = here.reduce((sum, one) => sum + one.nodes, 0) / Math.max(1, here.length);
    const count = counts[layer] ?? 0;
    const drawn = bar(count / most, barWidth(width)).padEnd(barWidth(width));
    const poor = residual > settings.tolerance && settings.rule === 'adaptive';
    const [first, second, third, fourth] = COLUMNS;
    const shown = scientific(residual).padStart(third);
    return (
      `${style.dim(`L${layer}`.padEnd(first))}${style.accent(drawn)}${String(count).padStart(second)}` +
      `${poor ? style.warn(shown) : shown}${style.dim(nodes.toFixed(0).padStart(fourth))}`
    );
  });
}

function barWidth(width: number): number {
  return Math.max(LEAST_BAR, width - COLUMNS.reduce((sum, one) => sum + one, 0));
}
