// The neuron map: facts, or prompts, by neurons over all layers. A neuron that many of them share is a vertical line.
import type { NeuronId } from '../../lm/overlay.js';
import { html, type Markup } from '../html/markup.js';
import { at, figure, short, textWidth } from './svg.js';

export interface NeuronMap {
  title: string;
  /** Layers of the model, and neurons of each. */
  layers: number;
  width: number;
  groups: readonly MapGroup[];
}

/** Lines that stand together. */
export interface MapGroup {
  label: string;
  /** What it says when it is pointed at. */
  about: string;
  /** In the other colour. */
  other?: boolean;
  /** A line for each: the neurons of a fact, or of a prompt. */
  lines: readonly (readonly NeuronId[])[];
}

const MAP = 960;
const TOP = 26;
const LONGEST = 22;
/** A map is about this high; of many facts each takes less than a pixel. */
const HEIGHT = 700;
const GAP = 3;

export function neuronMapFigure({ title, layers, width, groups }: NeuronMap): Markup {
  const count = groups.reduce((sum, { lines }) => sum + lines.length, 0);
  const row = Math.min(10, Math.max(0.2, HEIGHT / Math.max(1, count)));
  const labels = groups.map(({ label }) => short(label, LONGEST));
  const left = 14 + labels.reduce((most, label) => Math.max(most, textWidth(label)), 20);
  const layer = MAP / layers;
  let top = TOP;
  const drawn = groups.map(({ about, other, lines }, g) => {
    const [start, high] = [top, lines.length * row];
    top += high + GAP;
    // One path for a relation: thousands of marks stay light.
    const marks = lines.flatMap((neurons, i) => {
      const y = at(start + i * row);
      return neurons.map(([l, n]) => `M${at(left + (l + n / width) * layer)} ${y}v${at(row)}`);
    });
    const legible = high >= 9 || g % Math.ceil(9 / Math.max(high, 1)) === 0;
    return html`<g><title>${about}</title>${
      legible &&
      html`<text class="end" x="${left - 6}" y="${at(start + Math.min(high / 2, 200) + 4)}">${labels[g]}</text>`
    }<path class="marks${other && ' other'}" stroke-width="1.2" d="${marks.join('')}"/></g>`;
  });
  const every = Math.ceil(layers / 24);
  const grid = Array.from({ length: layers + 1 }, (_, i) => {
    const x = at(left + i * layer);
    return html`<line x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${at(top)}"/>${
      i < layers &&
      i % every === 0 &&
      html`<text class="middle faint" x="${at(x + layer / 2)}" y="14">${i}</text>`
    }`;
  });
  return figure(
    { width: at(left + MAP + 8), height: at(top + 8), title },
    html`<text class="end faint" x="${left - 6}" y="14">layer</text>${grid}${drawn}`,
  );
}
