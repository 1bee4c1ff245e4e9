// The map of a fact or a relation through the layers, as text: a layered graph, its neurons, and the strongest flows.
import { largest } from '../numbers.js';
import type { MapNeuron, NeuronMap, RunNeuron } from '../session/neuron-map.js';
import { BrailleSheet } from './braille.js';
import { layered, type Room } from './layered.js';
import { factLine } from './localization.js';
import { activationText } from './neuron.js';
import { percent, plural, scientific, signed } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';

/** Lines of the graph, and its columns where the page has no end. */
const HEIGHT = 17;
const WIDTH = 100;
/** Flows that are drawn; with more, a terminal shows a thicket. */
const LINES = 24;
/** Flows and neurons that are listed; the JSON output has them all. */
const LISTED = 12;

export const MARKS: Record<MapNeuron['kind'], string> = {
  fact: '●',
  relation: '◆',
  everybody: '■',
  beside: '○',
};

export function neuronMapReport(map: NeuronMap, page: Page): string {
  const { style } = page;
  return paragraphs(
    `${style.bold(titleOf(map))}\n refined neurons: ${countsText(map)}\n ${style.dim(`${plural(map.prompts, 'prompt')} · flows complete to ${scientific(map.residual)} · ${map.seconds.toFixed(1)} s`)}`,
    `${graphLines(map, Math.min(page.width, WIDTH), HEIGHT, style).join('\n')}\n${legendLine(map, style)}`,
    neuronTable(map, page),
    relationTable(map, page),
    strongestFlows(map, page),
  );
}

/** "Kazakhstan / capital / Almaty", "relation capital, 20 facts". */
export function titleOf({ about }: NeuronMap): string {
  if ('fact' in about) return factLine(about.fact);
  if ('run' in about) {
    return `run ${printable(about.run)}, ${plural(about.facts, 'fact')} of ${plural(about.relations, 'relation')}`;
  }
  return `relation ${printable(about.relation)}, ${plural(about.facts, 'fact')}`;
}

/** "9 of this fact alone, 3 of the relation, 2 of everybody". */
export function countsText({ about, counts }: NeuronMap): string {
  const one = 'fact' in about ? 'of this fact alone' : 'of one fact';
  return `${counts.fact} ${one}, ${counts.relation} of ${relationText(about)}, ${counts.everybody} of everybody`;
}

/** How the relation of a neuron is called. */
const relationText = (about: NeuronMap['about']) => ('run' in about ? 'a relation' : 'the relation');

/** What the marks say. */
export function kindNames(about: NeuronMap['about']): Record<MapNeuron['kind'], string> {
  return {
    fact: 'fact' in about ? 'this fact' : 'one fact',
    relation: relationText(about),
    everybody: 'everybody',
    beside: 'not refined',
  };
}

export function legendLine({ about }: NeuronMap, style: Style): string {
  const names = kindNames(about);
  const kinds = (Object.keys(MARKS) as MapNeuron['kind'][]).map((kind) => `${MARKS[kind]} ${names[kind]}`);
  return style.dim(` ${kinds.join('  ')}  ─ feeds`);
}

/** The tone of a line: what raises the answer, strongly or a little, and what lowers it. */
type Tone = 'strong' | 'weak' | 'against';

/**
 * The graph, the highest layer first.
 * @param selected number of the neuron under the cursor
 */
export function graphLines(
  map: NeuronMap,
  width: number,
  height: number,
  style: Style,
  selected?: number,
): string[] {
  const labels = map.neurons.map(labelOf);
  const margin = marginOf(map);
  const { rows, lines } = layered(map, graphRoom(map, width, height));
  if (rows.length === 0) return [' no neuron is refined'];
  const gap = Math.min(9, Math.floor((height - rows.length) / Math.max(1, rows.length - 1)));
  const total = rows.length + gap * (rows.length - 1);
  const places = new Map(
    rows.flatMap((row, r) =>
      row.neurons.map((one, i) => {
        const x = margin + Math.floor(((i + 0.5) / row.neurons.length) * (width - margin - 1));
        return [one, [x, r * (gap + 1)] as const] as const;
      }),
    ),
  );
  const most = largest(
    lines.map(({ score }) => Math.abs(score)),
    0,
  );
  const sheet = new BrailleSheet<Tone>(width, total);
  for (const { from, to, score } of lines) {
    const [start, end] = [places.get(from), places.get(to)];
    if (start && end) sheet.line(start, end, score < 0 ? 'against' : score > most / 3 ? 'strong' : 'weak');
  }
  const tones = { strong: style.accent, weak: style.dim, against: style.bad };
  return Array.from({ length: total }, (_, y) => {
    const row = y % (gap + 1) === 0 ? rows[y / (gap + 1)] : undefined;
    let line = row ? style.dim(`L${row.layer}`.padEnd(margin)) : ' '.repeat(margin);
    let x = margin;
    const fill = (end: number) => {
      for (; x < end; x++) {
        const cell = sheet.cell(x, y);
        line += cell ? tones[cell.tone](cell.text) : ' ';
      }
    };
    for (const one of row?.neurons ?? []) {
      const label = labels[one] ?? '';
      fill((places.get(one)?.[0] ?? 0) - Math.floor(label.length / 2));
      line += one === selected ? style.cursor(label) : kindTone(map.neurons[one]?.kind, style)(label);
      x += label.length;
    }
    fill(width - 1);
    return line.trimEnd();
  });
}

const labelOf = ({ kind, neuron }: MapNeuron) => `${MARKS[kind]}${neuron}`;
const marginOf = ({ layers }: NeuronMap) => 2 + String(layers - 1).length;

/** What of a map there is room for. */
export function graphRoom(map: NeuronMap, width: number, height: number): Room {
  const widest = largest(
    map.neurons.map((one) => labelOf(one).length),
    1,
  );
  return {
    rows: Math.floor((height + 1) / 2),
    columns: Math.max(1, Math.floor((width - marginOf(map) - 1) / (widest + 1))),
    lines: LINES,
  };
}

export function kindTone(kind: MapNeuron['kind'] | undefined, style: Style): (text: string) => string {
  return kind === 'fact'
    ? style.good
    : kind === 'relation'
      ? style.accent
      : kind === 'everybody'
        ? style.warn
        : style.dim;
}

function neuronTable({ neurons, about }: NeuronMap, page: Page): string {
  const { width, style } = page;
  const strongest = [...neurons].sort((a, b) => b.meanScore - a.meanScore);
  const { shown, more } = firstOf(strongest, LISTED, page);
  const rows = shown.map((one) => [
    kindTone(one.kind, style)(`${MARKS[one.kind]} ${one.layer}:${one.neuron}`),
    percent(one.share),
    signed(one.meanScore),
    activationText(one.activation),
    one.elsewhere === null ? '–' : percent(one.elsewhere),
    ...('run' in about ? [printable(one.relation ?? '')] : []),
    one.words.map(printable).join(' '),
  ]);
  const right = 'right' as const;
  return [
    table(
      [
        { title: 'neuron' },
        { title: 'fact' in about ? 'prompts' : 'facts', align: right },
        { title: 'score', align: right },
        { title: 'activation', align: right },
        { title: 'elsewhere', align: right },
        ...('run' in about ? [{ title: 'relation', shrinks: true }] : []),
        { title: 'promotes', shrinks: true },
      ],
      rows,
      width,
    ),
    ...more,
  ].join('\n');
}

/** Of a run: how many neurons each relation has for itself, and how many its single facts have. */
function relationTable({ all }: NeuronMap, { width }: Page): string {
  if (!all) return '';
  const right = 'right' as const;
  const columns = [
    { title: 'relation', shrinks: true },
    { title: 'neurons of it', align: right },
    { title: 'of one fact', align: right },
  ];
  const rows = neuronsByRelation(all).map(({ relation, own, single }) => [
    printable(relation),
    String(own),
    String(single),
  ]);
  return table(columns, rows, width);
}

/** Of each relation, the neurons that are its own, and those of one of its facts; without everybody's. */
export function neuronsByRelation(
  all: readonly RunNeuron[],
): { relation: string; own: number; single: number }[] {
  const found = new Map<string, { relation: string; own: number; single: number }>();
  for (const { relation = '', kind } of all) {
    const counts = found.get(relation) ?? { relation, own: 0, single: 0 };
    found.set(relation, counts);
    if (kind === 'relation') counts.own++;
    if (kind === 'fact') counts.single++;
  }
  return [...found.values()].sort((a, b) => b.own + b.single - a.own - a.single);
}

/** Every neuron of a run, and whose it is. */
export function runNeuronTable({ all = [], about }: NeuronMap): Table {
  const names = kindNames(about);
  const right = 'right' as const;
  return {
    columns: [
      ...['layer', 'neuron'].map((title) => ({ title, align: right })),
      ...['whose', 'relation'].map((title) => ({ title })),
      ...['facts', 'elsewhere'].map((title) => ({ title, align: right })),
    ],
    rows: all.map(({ layer, neuron, kind, relation = '', facts, elsewhere }) => [
      ...[layer, neuron].map((value) => ({ text: String(value), value })),
      names[kind],
      relation,
      { text: String(facts), value: facts },
      elsewhere === null ? '' : { text: percent(elsewhere), value: elsewhere },
    ]),
  };
}

/** All flows. */
export function flowTable({ neurons, flows }: NeuronMap): Table {
  const name = (i: number) => `${neurons[i]?.layer}:${neurons[i]?.neuron}`;
  const numbers = ['activation', 'share', 'of its score', 'residual'];
  return {
    columns: [
      { title: 'from' },
      { title: 'to' },
      ...numbers.map((title) => ({ title, align: 'right' as const })),
    ],
    rows: flows.map(({ from, to, flow, share, score, residual }) => [
      name(from),
      name(to),
      { text: activationText(flow), value: flow },
      { text: percent(share), value: share },
      { text: signed(score), value: score },
      { text: scientific(residual), value: residual },
    ]),
  };
}

function strongestFlows(map: NeuronMap, page: Page): string {
  if (map.flows.length === 0) return '';
  const { columns, rows } = flowTable(map);
  const { shown, more } = firstOf(rows, LISTED, page);
  return [table(columns, shown, page.width), ...more].join('\n');
}
