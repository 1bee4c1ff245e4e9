// The map of a fact or a relation as a page that is one file, and as a figure.
import type { NeuronMap, RunNeuron } from '../../session/neuron-map.js';
import { neuronGraph } from '../figures/neuron-graph.js';
import { svgFile } from '../figures/svg.js';
import { documentOf, type Section } from '../html/document.js';
import { html } from '../html/markup.js';
import { type Cell, dataTable } from '../html/table.js';
import { activationText } from '../neuron.js';
import { countsText, kindNames, neuronsByRelation, titleOf } from '../neuron-map.js';
import { percent, plural, scientific, signed } from '../numbers.js';

/** The figure as a file of its own. */
export function neuronMapSvg(map: NeuronMap): string {
  return svgFile(neuronGraph(map, `Map of ${titleOf(map)}`));
}

export function neuronMapPage(map: NeuronMap): string {
  const title = `Map of ${titleOf(map)}`;
  const about = html`<p>Refined neurons: ${countsText(map)}.</p><p>Model <code>${map.model}</code>, ${plural(map.layers, 'layer')}; ${plural(map.prompts, 'prompt')}.</p>`;
  return documentOf({
    title,
    about,
    sections: [
      {
        id: 'map',
        title: 'Through the layers',
        about: `A line from a neuron to a higher one: how much of the higher one's attribution score hangs on the lower one, which is the share of its activation that integrated gradients trace to it. Orange lines lower it. Integrals are complete to ${scientific(map.residual)}.`,
        content: html`<figure>${neuronGraph(map, title)}</figure>`,
      },
      { id: 'neurons', title: 'Neurons', content: neuronTable(map) },
      { id: 'flows', title: 'Flows', content: flowTable(map) },
      ...(map.all ? runSections(map.all, map.about) : []),
    ],
  });
}

const number = (value: number, text: string): Cell => ({ value, text });

function neuronTable({ neurons, about }: NeuronMap) {
  const columns = [
    ...['layer', 'neuron'].map((title) => ({ title, number: true })),
    ...('run' in about ? [{ title: 'relation' }] : []),
    { title: 'whose' },
    {
      title: 'fact' in about ? 'prompts' : 'facts',
      about: 'Share of these for which it is coarse, or refined.',
      number: true,
    },
    { title: 'score', about: 'Mean attribution score.', number: true },
    { title: 'activation', about: 'Mean, at the target position.', number: true },
    {
      title: 'elsewhere',
      about: 'Share of the facts of other relations for which it is refined.',
      number: true,
    },
    { title: 'promotes' },
  ];
  const rows = neurons.map((one): Cell[] => [
    number(one.layer, String(one.layer)),
    number(one.neuron, String(one.neuron)),
    ...('run' in about ? [one.relation ?? ''] : []),
    kindNames(about)[one.kind],
    number(one.share, percent(one.share)),
    number(one.meanScore, signed(one.meanScore)),
    number(one.activation, activationText(one.activation)),
    { value: one.elsewhere, text: one.elsewhere === null ? '–' : percent(one.elsewhere) },
    one.words.join(' '),
  ]);
  return dataTable({ title: 'Neurons', columns, rows });
}

function flowTable({ neurons, flows }: NeuronMap) {
  const name = (i: number) => `${neurons[i]?.layer}:${neurons[i]?.neuron}`;
  const columns = [
    { title: 'from' },
    { title: 'to' },
    { title: 'activation', about: 'Integrated gradient, in units of the higher activation.', number: true },
    { title: 'share', about: 'Of the higher activation.', number: true },
    { title: 'score', about: 'The same share of its attribution score.', number: true },
    { title: 'residual', about: 'Of completeness.', number: true },
  ];
  const rows = flows.map(({ from, to, flow, share, score, residual }): Cell[] => [
    name(from),
    name(to),
    number(flow, activationText(flow)),
    number(share, percent(share)),
    number(score, signed(score)),
    number(residual, scientific(residual)),
  ]);
  return dataTable({ title: 'Flows', columns, rows });
}

/** Neurons that are listed of a run; the JSON file has all. */
const LISTED = 2000;

/** Of a run: what each relation has, and whose every neuron is. */
function runSections(all: readonly RunNeuron[], about: NeuronMap['about']): Section[] {
  const relations = neuronsByRelation(all).map(({ relation, own, single }): Cell[] => [
    relation,
    number(own, String(own)),
    number(single, String(single)),
  ]);
  const names = kindNames(about);
  const neurons = all
    .slice(0, LISTED)
    .map(({ layer, neuron, kind, relation = '', facts, elsewhere }): Cell[] => [
      number(layer, String(layer)),
      number(neuron, String(neuron)),
      names[kind],
      relation,
      number(facts, String(facts)),
      { value: elsewhere, text: elsewhere === null ? '–' : percent(elsewhere) },
    ]);
  const more = all.length > LISTED ? ` The ${LISTED} commonest of ${all.length} are listed.` : '';
  return [
    {
      id: 'relations',
      title: 'Relations',
      about:
        'Neurons that are refined for several facts of a relation, and for one of its facts; without everybody’s.',
      content: dataTable({
        title: 'Relations',
        columns: [
          { title: 'relation' },
          ...['neurons of it', 'of one fact'].map((title) => ({ title, number: true })),
        ],
        rows: relations,
      }),
    },
    {
      id: 'all',
      title: 'Whose every neuron is',
      about: `The relation is the one in which a neuron is commonest; everybody’s are refined for too many facts of others.${more}`,
      content: dataTable({
        title: 'Neurons',
        columns: [
          ...['layer', 'neuron'].map((title) => ({ title, number: true })),
          ...['whose', 'relation'].map((title) => ({ title })),
          { title: 'facts', about: 'Of the relation, for which it is refined.', number: true },
          { title: 'elsewhere', about: 'Share of the facts of other relations.', number: true },
        ],
        rows: neurons,
      }),
    },
  ];
}
