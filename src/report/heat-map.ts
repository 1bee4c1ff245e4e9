// A score map as a picture of characters: layers by neuron bins, darker where a score is higher.
import type { Style } from './style.js';

/** Density of a cell, from nothing to the largest score. */
const SHADES = [' ', '·', '░', '▒', '▓', '█'];

export interface HeatMapSize {
  /** Layers and neurons a layer of the map. */
  layers: number;
  neurons: number;
  /** The most rows and columns that the picture may have, without its labels. */
  rows: number;
  columns: number;
}

/**
 * One line per layer (or per group of layers where there are too many), the first layer at the bottom; a cell stands for
 * some neighbouring neurons and shows the largest of their scores.
 * @param scores [L, F], row by row; negative scores count as none
 */
export function heatMap(scores: Float32Array, size: HeatMapSize, style: Style): string[] {
  const { layers, neurons } = size;
  const group = Math.ceil(layers / Math.max(1, size.rows));
  const columns = Math.min(size.columns, neurons);
  const rows = Math.ceil(layers / group);
  const cells = new Float32Array(rows * columns);
  for (let layer = 0; layer < layers; layer++) {
    const row = Math.floor(layer / group) * columns;
    for (let neuron = 0; neuron < neurons; neuron++) {
      const cell = row + Math.floor((neuron * columns) / neurons);
      cells[cell] = Math.max(cells[cell] ?? 0, scores[layer * neurons + neuron] ?? 0);
    }
  }
  const most = cells.reduce((max, value) => Math.max(max, value), 0);
  const tones = [style.dim, style.dim, style.accent, style.accent, style.warn, style.bad];
  const lines = Array.from({ length: rows }, (_, r) => {
    const first = r * group;
    const last = Math.min(layers, first + group) - 1;
    const label = (first === last ? `L${first}` : `L${first}-${last}`).padEnd(labelWidth(layers, group));
    const picture = [...cells.subarray(r * columns, (r + 1) * columns)].map((value) => {
      // The square root spreads the small scores, of which there are many.
      const shade = most > 0 ? Math.ceil(Math.sqrt(value / most) * (SHADES.length - 1) - 0.5) : 0;
      const tone = tones[shade];
      return shade > 0 && tone ? tone(SHADES[shade] ?? '') : ' ';
    });
    return `${style.dim(label)} ${picture.join('')}`;
  });
  return lines.reverse();
}

/** Columns that the labels of the rows take. */
export function labelWidth(layers: number, group = 1): number {
  const digits = String(layers - 1).length;
  return 1 + (group === 1 ? digits : 2 * digits + 1);
}
