// The map of a fact or a relation as a page that is one file, and as a figure.
import type { MapNeuron, NeuronMap } from '../../session/neuron-map.js';
import { neuronGraph } from '../figures/neuron-graph.js';
import { svgFile } from '../figures/svg.js';
import { documentOf } from '../html/document.js';
import { html } from '../html/markup.js';
import { type Cell, dataTable } from '../html/table.js';
import { activationText } from '../neuron.js';
import { countsText, titleOf } from '../neuron-map.js';
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
    ],
  });
}

const KINDS: Record<MapNeuron['kind'], string> = {
  fact: 'one fact',
  relation: 'the relation',
  everybody: 'everybody',
  beside: 'not refined',
};

const number = (value: number, text: string): Cell => ({ value, text });

function neuronTable({ neurons, about }: NeuronMap) {
  const columns = [
    ...['layer', 'neuron'].map((title) => ({ title, number: true })),
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
    KINDS[one.kind],
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
