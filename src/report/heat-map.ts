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
  /** What the rows are called, by the first and the last layer of each; "L3", "L3-5" unless given. */
  label?: ((first: number, last: number) => string) | undefined;
}

/** A place in the picture; rows count from the bottom. */
export interface HeatMapCell {
  row: number;
  column: number;
}

/**
 * One line per layer (or per group of layers where there are too many), the first layer at the bottom; a cell stands for
 * some neighbouring neurons and shows the largest of their scores.
 * @param scores [L, F], row by row; negative scores count as none
 * @param cursor the cell that is marked
 */
export function heatMap(
  scores: Float32Array,
  size: HeatMapSize,
  style: Style,
  cursor?: HeatMapCell,
): string[] {
  const { layers, label = nameOf } = size;
  const { group, rows, columns } = gridOf(size);
  const cells = Float32Array.from({ length: rows * columns }, (_, i) => {
    const { neurons } = cellOf(scores, size, { row: Math.floor(i / columns), column: i % columns });
    return neurons.reduce((most, one) => Math.max(most, scores[one] ?? 0), 0);
  });
  const most = cells.reduce((max, value) => Math.max(max, value), 0);
  const tones = [style.dim, style.dim, style.accent, style.accent, style.warn, style.bad];
  const lines = Array.from({ length: rows }, (_, r) => {
    const first = r * group;
    const last = Math.min(layers, first + group) - 1;
    const picture = [...cells.subarray(r * columns, (r + 1) * columns)].map((value, column) => {
      // The square root spreads the small scores, of which there are many.
      const shade = most > 0 ? Math.ceil(Math.sqrt(value / most) * (SHADES.length - 1) - 0.5) : 0;
      if (cursor?.row === r && cursor.column === column) return style.cursor(SHADES[shade] ?? ' ');
      const tone = tones[shade];
      return shade > 0 && tone ? tone(SHADES[shade] ?? '') : ' ';
    });
    return `${style.dim(label(first, last).padEnd(labelWidth(layers, group)))} ${picture.join('')}`;
  });
  return lines.reverse();
}

function nameOf(first: number, last: number): string {
  return first === last ? `L${first}` : `L${first}-${last}`;
}

/** Layers of a row, and how many rows and columns there are. */
export function gridOf({ layers, neurons, rows, columns }: HeatMapSize) {
  const group = Math.ceil(layers / Math.max(1, rows));
  return { group, rows: Math.ceil(layers / group), columns: Math.min(columns, neurons) };
}

/** The numbers [L * F] of the neurons that a cell stands for, and of the one with the largest score. */
export function cellOf(
  scores: Float32Array,
  size: HeatMapSize,
  { row, column }: HeatMapCell,
): { neurons: number[]; strongest: number } {
  const { layers, neurons: width } = size;
  const { group, columns } = gridOf(size);
  const [first, end] = [column, column + 1].map((at) => Math.ceil((at * width) / columns));
  const neurons: number[] = [];
  for (let layer = row * group; layer < Math.min(layers, (row + 1) * group); layer++) {
    for (let one = first ?? 0; one < (end ?? 0); one++) neurons.push(layer * width + one);
  }
  const strongest = neurons.reduce(
    (best, one) => ((scores[one] ?? 0) > (scores[best] ?? 0) ? one : best),
    neurons[0] ?? 0,
  );
  return { neurons, strongest };
}

/** Columns that the labels of the rows take. */
export function labelWidth(layers: number, group = 1): number {
  const digits = String(layers - 1).length;
  return 1 + (group === 1 ? digits : 2 * digits + 1);
}
