// What pages of a localization and of an edit have in common: the map of the prompts, and the neurons with their words.
import { type Neuron, toNeuronId } from '../../lm/overlay.js';
import type { LocatedNeuron } from '../../locate/refined.js';
import { neuronMapFigure } from '../figures/neuron-map.js';
import type { Section } from '../html/document.js';
import { html, type Markup } from '../html/markup.js';
import { type Cell, dataTable } from '../html/table.js';
import { percent, plural, signed } from '../numbers.js';

/** A page, and its figures, which are files of their own too. */
export interface PageWithFigures {
  html: string;
  figures: { name: string; svg: Markup }[];
}

/** How large the model is. */
export interface Size {
  layers: number;
  neurons: number;
}

/** Neurons of which words are shown. */
export const WITH_WORDS = 100;

/** The coarse neurons of each prompt, and those that are shared, over all layers. */
export function promptMap(
  prompts: readonly { prompt: string; coarse: readonly Neuron[] }[],
  neurons: readonly LocatedNeuron[],
  size: Size,
): Markup | undefined {
  if (prompts.length === 0) return undefined;
  const own = prompts.map(({ prompt, coarse }, i) => ({
    label: `prompt ${i + 1}`,
    about: `${prompt}: ${plural(coarse.length, 'coarse neuron')}`,
    lines: [coarse.map(toNeuronId)],
  }));
  const chosen = {
    label: 'chosen',
    about: plural(neurons.length, 'neuron'),
    other: true,
    lines: [neurons.map(toNeuronId)],
  };
  return neuronMapFigure({ title: 'Neuron map', ...size, width: size.neurons, groups: [...own, chosen] });
}

export function mapSection(map: Markup | undefined): Section | undefined {
  if (!map) return undefined;
  const caption =
    'A line for each prompt: its coarse neurons, from layer to layer; below them those that were chosen. A neuron of many prompts is a vertical line.';
  return {
    id: 'map',
    title: 'Neuron map',
    content: html`<figure>${map}<figcaption>${caption}</figcaption></figure>`,
  };
}

/** @param words that each of the first neurons promotes */
export function neuronSection(
  neurons: readonly LocatedNeuron[],
  words: readonly (readonly string[])[],
  about: string,
): Section | undefined {
  if (neurons.length === 0) return undefined;
  const columns = [
    ...['layer', 'neuron', 'share', 'mean score'].map((title) => ({ title, number: true })),
    { title: 'words that it promotes' },
  ];
  const rows = neurons.map(({ layer, neuron, share, meanScore }, i): Cell[] => [
    ...[layer, neuron].map((value) => ({ value, text: String(value) })),
    { value: share, text: percent(share) },
    { value: meanScore, text: signed(meanScore) },
    (words[i] ?? []).join(', '),
  ]);
  const title = 'Neurons';
  return { id: 'neurons', title, about, content: dataTable({ title, columns, rows }) };
}

/** A number with what it is, and what it stands beside. */
export function card(name: string, value: string, ...notes: (string | undefined)[]): Markup {
  return html`<div class="card"><span class="name">${name}</span><span class="value">${value}</span>${notes.map(
    (note) => note && html`<small>${note}</small>`,
  )}</div>`;
}

/** What somebody needs to make it again. */
export function madeSection(documents: Record<string, unknown>): Section {
  const shown = Object.entries(documents).map(
    ([name, document]) =>
      html`<details><summary>${name}</summary><pre><code>${JSON.stringify(document, null, 2)}</code></pre></details>`,
  );
  return { id: 'made', title: 'How this was made', content: shown };
}

export function warningList(warnings: readonly string[]): Markup | undefined {
  if (warnings.length === 0) return undefined;
  return html`<ul>${warnings.map((text) => html`<li class="bad">${text}</li>`)}</ul>`;
}
