// Which edits touch which neurons: a picture of the layers, and the numbers in words.
import type { EditSummary, TouchedBy } from '../ledger/edits.js';
import { largest } from '../numbers.js';
import { cellOf, gridOf, type HeatMapSize, labelWidth } from './heat-map.js';
import { plural } from './numbers.js';
import type { Style } from './style.js';

/** A neuron with the edits that change it, the newest first. */
export interface Touched {
  layer: number;
  neuron: number;
  applied: readonly EditSummary[];
  reverted: readonly EditSummary[];
}

/** What most edits touch first; then the highest layer. */
export function touchedNeurons(found: readonly TouchedBy[], edits: readonly EditSummary[]): Touched[] {
  const byId = new Map(edits.map((edit) => [edit.id, edit]));
  const all = found.map(({ layer, neuron, edits: ids }) => {
    const own = ids.toReversed().flatMap((id) => byId.get(id) ?? []);
    const of = (status: EditSummary['status']) => own.filter((one) => one.status === status);
    return { layer, neuron, applied: of('applied'), reverted: of('reverted') };
  });
  return all.sort((a, b) => b.applied.length - a.applied.length || b.layer - a.layer || a.neuron - b.neuron);
}

/** "137 neurons of 2 applied edits, 9 shared". */
export function touchedText(touched: readonly Touched[]): string {
  const applied = touched.filter((one) => one.applied.length > 0);
  const edits = new Set(applied.flatMap((one) => one.applied.map(({ id }) => id)));
  const shared = applied.filter((one) => one.applied.length > 1).length;
  const more = touched.length - applied.length;
  return [
    `${plural(applied.length, 'neuron')} of ${plural(edits.size, 'applied edit')}`,
    `${shared} shared`,
    ...(more > 0 ? [`${more} of reverted edits alone`] : []),
  ].join(', ');
}

const MOST = 9;

/**
 * A line for each layer or some of them, the highest first. A cell stands for some neighbouring neurons, and shows how
 * many applied edits touch one of them, the most; a dot where only reverted ones do.
 * @param selected the neuron whose cell is marked
 */
export function touchedPicture(
  touched: readonly Touched[],
  size: HeatMapSize,
  style: Style,
  selected?: { layer: number; neuron: number },
): string[] {
  const { layers, neurons: width } = size;
  const { group, rows, columns } = gridOf(size);
  const at = (one: { layer: number; neuron: number }) => one.layer * width + one.neuron;
  const byPlace = new Map(touched.map((one) => [at(one), one]));
  const chosen = selected && at(selected);
  const lines = Array.from({ length: rows }, (_, row) => {
    const last = Math.min(layers, (row + 1) * group) - 1;
    const name = group === 1 ? `L${last}` : `L${row * group}-${last}`;
    const cells = Array.from({ length: columns }, (_, column) => {
      const { neurons } = cellOf(NO_SCORES, size, { row, column });
      const found = neurons.flatMap((one) => byPlace.get(one) ?? []);
      const most = largest(
        found.map((one) => one.applied.length),
        0,
      );
      const sign = found.length === 0 ? ' ' : most === 0 ? '·' : most > MOST ? '+' : String(most);
      if (chosen !== undefined && neurons.includes(chosen)) return style.cursor(sign);
      return most > 1 ? style.warn(style.bold(sign)) : most === 1 ? style.accent(sign) : style.dim(sign);
    });
    return `${style.dim(name.padEnd(labelWidth(layers, group)))} ${cells.join('')}`;
  });
  return lines.reverse();
}

const NO_SCORES = new Float32Array();
