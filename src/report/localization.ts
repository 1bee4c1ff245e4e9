// A localization, as text: what each prompt gave, and the neurons that they share.
import { largest, smallest } from '../numbers.js';
import type { Localization } from '../session/locate.js';
import type { Fact } from '../spec/edit-file.js';
import { percent, plural, scientific, signed } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { type Table, table } from './table.js';
import { warningText } from './warnings.js';
import { ruleText, targetText } from './words.js';

/** Located neurons that are listed; the JSON output has them all. */
const LISTED = 20;

export function localizationReport(found: Localization, page: Page): string {
  const { style, width } = page;
  const { settings, neurons, prompts, generic } = found;
  const { columns, rows: listed } = neuronTable(found);
  const { shown, more } = firstOf(listed, LISTED, page);
  const rows = prompts.map(({ prompt, prob, coarse, completeness }) => [
    printable(prompt),
    percent(prob),
    String(coarse.length),
    scientific(largest(completeness.map(({ residual }) => residual))),
    rangeOf(completeness.map(({ nodes }) => nodes)),
  ]);
  return paragraphs(
    `${style.bold(factLine(found.fact))}\n ${ruleText(settings)} · ${settings.thresholdMode} ${settings.threshold}, ` +
      `share ${Number(found.share.toFixed(2))} · ${found.seconds.toFixed(1)} s` +
      (found.cached > 0 ? `, ${found.cached} of ${plural(prompts.length, 'map')} from the cache` : ''),
    table(
      [
        { title: 'prompt', shrinks: true },
        { title: 'P(object)', align: 'right' },
        { title: 'coarse', align: 'right' },
        { title: 'residual', align: 'right' },
        { title: 'nodes a layer', align: 'right' },
      ],
      rows,
      width,
    ),
    `${style.bold(plural(neurons.length, 'knowledge neuron'))}${layersLine(neurons)}` +
      (generic.length > 0 ? `; ${plural(generic.length, 'generic neuron')} left out` : ''),
    ` overlap of the prompts' coarse sets ${percent(found.consistency.jaccard)} (Jaccard); ` +
      `some neuron is shared by ${percent(found.consistency.shareNeeded)} of them`,
    neurons.length > 0 ? table(columns, shown, width) : '',
    more,
    found.warnings.map((text) => warningText(text, style)),
  );
}

/** "2–45", "20". */
function rangeOf(counts: readonly number[]): string {
  const [least, most] = [smallest(counts), largest(counts)];
  return least === most ? `${most}` : `${least}–${most}`;
}

/** "Kazakhstan / capital / Almaty". */
export function factLine({ subject, relation, object }: Omit<Fact, 'prompts'>): string {
  return [printable(subject), printable(relation), targetText(object)].join(' / ');
}

function layersLine(neurons: readonly { layer: number }[]): string {
  const counts = new Map<number, number>();
  for (const { layer } of neurons) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => a - b).map(([layer, count]) => `${count} in layer ${layer}`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** All located neurons. */
export function neuronTable({ neurons }: Pick<Localization, 'neurons'>): Table {
  return {
    columns: ['layer', 'neuron', 'share', 'mean score'].map((title) => ({ title, align: 'right' })),
    rows: neurons.map(({ layer, neuron, share, meanScore }) => [
      String(layer),
      String(neuron),
      { text: percent(share), value: share },
      { text: signed(meanScore), value: meanScore },
    ]),
  };
}
