// How a localization spreads over the layers, a line each: refined neurons, and how good the integral is.

import type { Localization } from '../../index.js';
import { bar, scientific } from '../../report/numbers.js';
import type { Style } from '../../report/style.js';

/** Columns of a line that are not its bar. */
const NUMBERS = 21;

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
  const most = Math.max(1, ...counts);
  const order = [...counts.keys()].reverse();
  const shown =
    layers <= height
      ? order
      : order.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || b - a).slice(0, height);
  return shown.map((layer) => {
    const here = prompts.flatMap(({ completeness }) => completeness[layer] ?? []);
    const residual = Math.max(0, ...here.map((one) => one.residual));
    const nodes = here.reduce((sum, one) => sum + one.nodes, 0) / Math.max(1, here.length);
    const count = counts[layer] ?? 0;
    const drawn = bar(count / most, Math.max(3, width - NUMBERS)).padEnd(Math.max(3, width - NUMBERS));
    const poor = residual > settings.tolerance && settings.rule === 'adaptive';
    const shownResidual = scientific(residual).padStart(7);
    return (
      `${style.dim(`L${layer}`.padEnd(4))}${style.accent(drawn)}${String(count).padStart(4)} ` +
      `${poor ? style.warn(shownResidual) : shownResidual}${style.dim(nodes.toFixed(0).padStart(4))}`
    );
  });
}
