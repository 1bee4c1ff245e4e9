// The figures of a run: what was computed of it, drawn.

import { groupBy, largestOf } from '../../group.js';
import { draw, seeded } from '../../random.js';
import { barChart } from '../../report/figures/bars.js';
import { dotChart } from '../../report/figures/dots.js';
import { heatMapFigure } from '../../report/figures/heat-map.js';
import { neuronMapFigure } from '../../report/figures/neuron-map.js';
import type { Markup } from '../../report/html/markup.js';
import { percent, plural } from '../../report/numbers.js';
import type { ChosenBy } from '../../spec/choices.js';
import type { SequenceCheck } from '../sequence/lines.js';
import type { Analysis } from './analysis.js';
import { definitionOf, type MeasureName } from './definitions.js';
import { valueText } from './format.js';
import type { LocatedFact } from './neurons.js';
import { sequenceFigure } from './sequence.js';
import type { SharedNeuron } from './shared.js';

/** All figures that there can be. */
export const FIGURES = [
  'effect',
  'erasure',
  'activation',
  'layers',
  'overlap',
  'shared-neurons',
  'neuron-map',
  'sequence',
] as const;
type FigureName = (typeof FIGURES)[number];

export interface RunFigure {
  /** Its file's name, without the ending. */
  name: FigureName;
  caption: string;
  svg: Markup;
}

/** Relations, neurons and facts that a figure has room for. */
const RELATIONS = 40;
const NEURONS = 60;
const FACTS = 3000;

export interface Drawn {
  analysis: Analysis;
  facts: readonly LocatedFact[];
  shared: readonly SharedNeuron[];
  model: { layers: number; neurons: number };
  /** By what the neurons were chosen that were changed. */
  by: ChosenBy;
  checks: readonly SequenceCheck[];
}

/** The figures for which there is something to draw. */
export function figuresOf(run: Drawn): RunFigure[] {
  const { operation } = run.analysis;
  const chosen = run.by === 'activation' ? 'activation baseline' : 'located neurons';
  return [
    byRelation(run, 'effect', operation === 'edit' ? 'effect' : 'ratio', chosen),
    byRelation(run, 'erasure', 'erased-accuracy', 'its commonest neurons', 'relations'),
    byRelation(run, 'activation', 'activation-stated', 'located neurons'),
    sequenceFigure(run.checks),
    layerFigure(run),
    overlapFigure(run),
    sharedFigure(run),
    mapFigure(run),
  ].filter((one) => one !== undefined);
}

function layerFigure({ analysis: { layers } }: Drawn): RunFigure | undefined {
  if (layers.own.length === 0) return undefined;
  const title = 'Located neurons by layer';
  const svg = barChart({
    title,
    axis: 'layer',
    names: ['knowledge neurons', 'activation baseline'],
    groups: layers.own.map((own, i) => ({ label: String(i), own, beside: layers.baseline[i] })),
    format: percent,
  });
  const caption = `${title}: share of all located neurons of all facts, with 95% intervals (bootstrap over facts).`;
  return { name: 'layers', caption, svg };
}

/** The relations with most facts, in the order in which they come. */
function largestRelations(facts: readonly LocatedFact[]): { relation: string; group: LocatedFact[] }[] {
  const groups = Array.from(
    groupBy(facts, ({ relation }) => relation),
    ([relation, group]) => ({
      relation,
      group,
    }),
  );
  return largestOf(groups, RELATIONS, ({ group }) => group.length);
}

const among = (shown: number, all: number, what: string) => {
  return shown < all ? ` Of ${all} ${what}, ${shown} are shown.` : '';
};

function overlapFigure({ analysis: { intersections }, facts }: Drawn): RunFigure | undefined {
  const { relations, matrix } = intersections;
  const shown = largestRelations(facts).map(({ relation }) => relation);
  const places = shown.map((relation) => relations.indexOf(relation));
  const values = places.map((r) => places.map((s) => matrix[r]?.[s] ?? null));
  if (values.flat().every((one) => one === null || one === 0)) return undefined;
  const title = 'Neurons that two facts share, by relation';
  const svg = heatMapFigure({
    title,
    rows: shown,
    columns: shown,
    values,
    describe: (value, row, column) => `${row} and ${column}: ${value.toFixed(3)} neurons in common`,
    format: (value) => value.toFixed(value < 10 ? 2 : 1),
  });
  const caption = `${title}: mean number over all pairs of a fact of the row's and another of the column's relation.`;
  return { name: 'overlap', caption: caption + among(shown.length, relations.length, 'relations'), svg };
}

function sharedFigure({ facts, shared }: Drawn): RunFigure | undefined {
  const neurons = shared
    .slice(0, NEURONS)
    .sort((a, b) => a.neuron[0] - b.neuron[0] || a.neuron[1] - b.neuron[1]);
  if (neurons.length === 0) return undefined;
  const groups = largestRelations(facts);
  const names = neurons.map(({ neuron: [layer, index] }) => `L${layer} ${index}`);
  const title = 'Which relations share which neurons';
  const svg = heatMapFigure({
    title,
    rows: groups.map(({ relation }) => relation),
    columns: names,
    values: groups.map(({ relation }) =>
      neurons.map(({ relations }) => relations.find((one) => one.relation === relation)?.share ?? 0),
    ),
    describe: (value, row, column) => `${column}: refined for ${percent(value)} of the facts of ${row}`,
    format: percent,
  });
  const caption = `${title}: the ${neurons.length} neurons of most facts, by layer; the share of each relation's facts for which they are refined.`;
  const all = new Set(facts.map(({ relation }) => relation)).size;
  return { name: 'shared-neurons', caption: caption + among(groups.length, all, 'relations'), svg };
}

function mapFigure({ facts, model }: Drawn): RunFigure | undefined {
  const located = facts.filter(({ neurons }) => neurons.length > 0);
  if (located.length === 0) return undefined;
  const drawn = new Set(located.length > FACTS ? draw(located, FACTS, seeded(1)) : located);
  const groups = groupBy(
    located.filter((fact) => drawn.has(fact)),
    ({ relation }) => relation,
  );
  const title = 'Neuron map';
  const svg = neuronMapFigure({
    title,
    layers: model.layers,
    width: model.neurons,
    groups: [...groups].map(([label, group], i) => ({
      label,
      about: `${label}: ${plural(group.length, 'fact')}`,
      other: i % 2 === 1,
      lines: group.map(({ neurons }) => neurons),
    })),
  });
  const caption =
    `${title}: a line for each fact, relation by relation; a mark for each of its neurons, from layer 0 to ` +
    `layer ${model.layers - 1}. A neuron of many facts is a vertical line.`;
  return { name: 'neuron-map', caption: caption + among(drawn.size, located.length, 'facts'), svg };
}

/**
 * A measure of each relation beside its control.
 * @param chosen whose it is, where it is no control's
 * @param over what its mean of all is over
 */
function byRelation(
  { analysis: { measures }, facts }: Drawn,
  name: FigureName,
  measure: MeasureName,
  chosen: string,
  over: 'facts' | 'relations' = 'facts',
): RunFigure | undefined {
  const { unit, name: title, text } = definitionOf(measure);
  const shown = largestRelations(facts).map(({ relation }) => relation);
  const found = measures.filter((one) => one.name === measure);
  const rows = [null, ...shown].flatMap((relation) => {
    const own = found.find((one) => one.relation === relation);
    return own
      ? [{ label: relation ?? `all ${over}`, own: own.estimate, beside: own.control?.estimate }]
      : [];
  });
  if (rows.length === 0) return undefined;
  const control = found.find((one) => one.control)?.control?.name ?? 'random neurons';
  const svg = dotChart({
    title: `${title} by relation`,
    names: [chosen, control],
    rows,
    format: (value) => valueText(unit, value),
  });
  const ofAll = over === 'relations' ? '; of all relations, over relations' : '';
  const caption = `${text} With 95% intervals (bootstrap over facts${ofAll}).`;
  const all = new Set(facts.map(({ relation }) => relation)).size;
  return { name, caption: caption + among(shown.length, all, 'relations'), svg };
}
