// What the page of a run has of the analyses of its relations: each relation's erasure, and its activation on sentences.
import type { Section } from '../../report/html/document.js';
import { type Cell, dataTable } from '../../report/html/table.js';
import { percent, plural } from '../../report/numbers.js';
import type { Relations } from '../relations/file.js';
import { definitionOf, type MeasureName } from './definitions.js';
import { plainText, valueText } from './format.js';
import type { Measure } from './measure.js';

/** @param measures of the run, among them those of its relations */
export function relationSections(relations: Relations | undefined, measures: readonly Measure[]): Section[] {
  const { erasure, activation } = relations ?? {};
  return [
    ...(erasure ? [erasureSection(erasure, measures)] : []),
    ...(activation ? [activationSection(activation, measures)] : []),
  ];
}

const number = (value: number | undefined, text: string): Cell => ({ value: value ?? null, text });

function measureOf(measures: readonly Measure[], name: MeasureName, relation: string): Measure | undefined {
  return measures.find((one) => one.name === name && one.relation === relation);
}

/** The measures, as a table has room to call them. */
const ERASURE = {
  'erased-accuracy': 'accuracy',
  'erased-perplexity': 'perplexity',
  'others-accuracy': 'accuracy of others',
  'others-perplexity': 'perplexity of others',
} as const;
const ERASED = Object.keys(ERASURE) as (keyof typeof ERASURE)[];

function erasureSection(
  { settings, relations }: NonNullable<Relations['erasure']>,
  measures: readonly Measure[],
): Section {
  const beside = settings.control === 'layer' ? 'other layers' : 'random neurons';
  const columns = [
    { title: 'relation' },
    { title: 'facts', about: 'In which the neurons were counted.', number: true },
    ...ERASED.flatMap((name) => {
      const { text: about } = definitionOf(name);
      const change = name.endsWith('perplexity') ? 'change' : 'after';
      return ['before', change, beside].map((when) => ({
        title: `${ERASURE[name]}: ${when}`,
        about,
        number: true,
      }));
    }),
    {
      title: 'neurons',
      about: 'How many are erased, and for which share of the facts they are refined.',
    },
  ];
  const rows = relations.map(({ relation, facts, neurons }): Cell[] => [
    relation,
    number(facts, String(facts)),
    ...ERASED.flatMap((name) => {
      const { unit } = definitionOf(name);
      const found = measureOf(measures, name, relation);
      const [now, other] = [found?.estimate.value, found?.control?.estimate.value];
      return [
        number(found?.before, plainText(unit, found?.before)),
        number(now, valueText(unit, now)),
        number(other, valueText(unit, other)),
      ];
    }),
    neuronsText(neurons),
  ]);
  const title = 'Erasure of relations';
  const about =
    `The value vectors of the ${plural(settings.neurons, 'neuron')} that most facts of a relation share are made ` +
    `${settings.value === 'zero' ? 'zero' : "the unknown token's embedding"}; then up to ${settings.limit} of its facts are asked, and as many of the others.`;
  return { id: 'erasure', title, about, content: dataTable({ title, columns, rows }) };
}

/** "20, of 58.2% to 12.0% of the facts"; the commonest are first. */
function neuronsText(neurons: readonly { share: number }[]): string {
  const [most, least] = [neurons[0]?.share ?? 0, neurons.at(-1)?.share ?? 0];
  return `${neurons.length}, of ${percent(most)} to ${percent(least)} of the facts`;
}

const ACTIVATION = [
  'activation-stated',
  'activation-named',
  'activation-unrelated',
  'activation-lift',
] as const;

function activationSection(
  { settings, relations }: NonNullable<Relations['activation']>,
  measures: readonly Measure[],
): Section {
  const columns = [
    { title: 'relation' },
    { title: 'facts', number: true },
    ...ACTIVATION.flatMap((name) => {
      const { name: title, text: about } = definitionOf(name);
      return [title, `${title}: random neurons`].map((one) => ({ title: one, about, number: true }));
    }),
    { title: 'left out' },
  ];
  const rows = relations.map(({ relation, facts, leftOut }): Cell[] => [
    relation,
    number(facts.length, String(facts.length)),
    ...ACTIVATION.flatMap((name) => {
      const { unit } = definitionOf(name);
      const found = measureOf(measures, name, relation);
      const [own, other] = [found?.estimate.value, found?.control?.estimate.value];
      return [number(own, valueText(unit, own)), number(other, valueText(unit, other))];
    }),
    leftOut.map(({ reason, count }) => `${count} ${reason}`).join('; '),
  ]);
  const title = 'Activation on sentences';
  const about = `Mean activation of each fact's neurons on the sentences of ${settings.path}.`;
  return { id: 'activation', title, about, content: dataTable({ title, columns, rows }) };
}
