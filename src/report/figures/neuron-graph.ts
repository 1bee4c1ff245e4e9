// The map of a fact or a relation through the layers, drawn: a row for each layer, its neurons as marks, the flows as lines.
import { largest } from '../../numbers.js';
import type { MapNeuron, NeuronMap } from '../../session/neuron-map.js';
import { html, type Markup } from '../html/markup.js';
import { layered } from '../layered.js';
import { kindNames } from '../neuron-map.js';
import { percent, signed } from '../numbers.js';
import { at, figure, legend } from './svg.js';

const WIDTH = 960;
const LEFT = 44;
const TOP = 44;
/** Between two layers; of many, less. */
const ROW = { most: 110, least: 34, height: 900 };
const ROOM = { rows: 64, columns: 24, lines: 80 };

export function neuronGraph(map: NeuronMap, title: string): Markup {
  const { rows, lines } = layered(map, ROOM);
  const row = Math.max(ROW.least, Math.min(ROW.most, ROW.height / Math.max(1, rows.length)));
  const places = new Map(
    rows.flatMap(({ neurons }, r) =>
      neurons.map((one, i) => {
        const x = LEFT + ((i + 0.5) / neurons.length) * (WIDTH - LEFT - 12);
        return [one, { x: at(x), y: at(TOP + (r + 0.5) * row) }] as const;
      }),
    ),
  );
  const name = (i: number) => `${map.neurons[i]?.layer}:${map.neurons[i]?.neuron}`;
  const most = largest(
    lines.map(({ score }) => Math.abs(score)),
    0,
  );
  const drawn = lines.map(({ from, to, score, share }) => {
    const [start, end] = [places.get(from), places.get(to)];
    const strength = Math.abs(score) / most;
    return (
      start &&
      end &&
      html`<path class="flow ${score < 0 ? 'beside' : 'own'}" stroke-width="${at(0.5 + 4.5 * strength)}" stroke-opacity="${at(0.25 + 0.6 * strength)}" d="M${start.x} ${start.y}L${end.x} ${end.y}"><title>${name(from)} → ${name(to)}: ${signed(score)} of its score, ${percent(share)} of its activation</title></path>`
    );
  });
  const strongest = largest(
    map.neurons.map(({ meanScore }) => meanScore),
    0,
  );
  const marks = [...places].map(([i, { x, y }]) => {
    const one = map.neurons[i];
    if (!one) return undefined;
    const size = 4 + 6 * Math.sqrt(Math.max(0, one.meanScore) / (strongest || 1));
    const whose = one.relation === undefined ? '' : `${one.relation}, `;
    const told = `${name(i)}: ${whose}score ${signed(one.meanScore)}, activation ${one.activation.toFixed(2)}, promotes ${one.words.join(' ')}`;
    return html`<g transform="translate(${x} ${y})"><title>${told}</title>${mark(one.kind, size)}<text class="middle" y="${at(-size - 5)}">${one.neuron}</text></g>`;
  });
  const labels = rows.map(
    ({ layer }, r) =>
      html`<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${at(TOP + (r + 0.5) * row)}" y2="${at(TOP + (r + 0.5) * row)}"/><text class="end faint" x="${LEFT - 8}" y="${at(TOP + (r + 0.5) * row + 4)}">L${layer}</text>`,
  );
  const kinds = Object.entries(kindNames(map.about)) as [MapNeuron['kind'], string][];
  return figure(
    { width: WIDTH, height: at(TOP + rows.length * row + 12), title },
    html`${legend(
      LEFT,
      16,
      kinds.map(([kind, said]) => ({
        name: said,
        mark: html`<g transform="translate(5 0)">${mark(kind, 5)}</g>`,
      })),
    )}${labels}${drawn}${marks}`,
  );
}

function mark(kind: MapNeuron['kind'], size: number): Markup {
  const s = at(size);
  switch (kind) {
    case 'fact':
      return html`<circle class="own" r="${s}"/>`;
    case 'relation':
      return html`<path class="own" d="M0 ${-s}L${s} 0L0 ${s}L${-s} 0Z"/>`;
    case 'everybody':
      return html`<rect class="beside" x="${-s}" y="${-s}" width="${2 * s}" height="${2 * s}"/>`;
    case 'beside':
      return html`<circle class="own hollow" r="${s}"/>`;
  }
}
