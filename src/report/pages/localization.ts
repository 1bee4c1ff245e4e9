// The page of a localization: where a fact is, prompt by prompt, and what its neurons say.
import { largest } from '../../numbers.js';
import type { Localization } from '../../session/locate.js';
import { documentOf } from '../html/document.js';
import { html } from '../html/markup.js';
import { plainTable } from '../html/table.js';
import { factLine } from '../localization.js';
import { percent, plural, scientific } from '../numbers.js';
import { ruleText } from '../words.js';
import {
  card,
  madeSection,
  mapSection,
  neuronSection,
  type PageWithFigures,
  promptMap,
  type Size,
  warningList,
} from './parts.js';

/** @param words that each of the first neurons promotes */
export function localizationPage(
  found: Localization,
  words: readonly (readonly string[])[],
  model: Size & { name: string },
): PageWithFigures {
  const { fact, prompts, neurons, settings, consistency, generic, warnings } = found;
  const answered = prompts.filter(({ rank }) => rank === 1).length;
  const map = promptMap(prompts, neurons, model);
  const columns = [
    ...['', 'prompt', 'answer'].map((title) => ({ title })),
    ...['P(object)', 'rank', 'coarse', 'residual'].map((title) => ({ title, number: true })),
  ];
  const rows = prompts.map(({ prompt, answer, prob, rank, coarse, completeness }, i) => [
    ...[String(i + 1), prompt, answer, percent(prob), String(rank), String(coarse.length)],
    scientific(largest(completeness.map(({ residual }) => residual))),
  ]);
  const text = documentOf({
    title: factLine(fact),
    about: html`<p>Located in <code>${model.name}</code>: ${ruleText(settings)}; ${settings.thresholdMode} ${settings.threshold}, share ${Number(found.share.toFixed(2))}.</p>`,
    sections: [
      {
        id: 'overview',
        title: 'Where it is',
        content: html`<div class="cards">${card('knowledge neurons', String(neurons.length), `of ${plural(prompts.length, 'prompt')}`)}${card(
          'answered',
          `${answered} of ${prompts.length}`,
          'prompts whose top answer is the object',
        )}${card('overlap', percent(consistency.jaccard), "mean Jaccard overlap of the prompts' coarse neurons")}${card(
          'shared by',
          percent(consistency.shareNeeded),
          'of the prompts: the most common neuron',
        )}${generic.length > 0 && card('generic', String(generic.length), 'neurons of many facts, left out')}</div>${warningList(warnings)}`,
      },
      {
        id: 'prompts',
        title: 'Prompts',
        about:
          'The residual is how far the scores of a layer are from the change of probability that they add up to.',
        content: plainTable({ title: 'Prompts', columns, rows }),
      },
      mapSection(map),
      neuronSection(neurons, words, 'The share is that of the prompts for which a neuron is coarse.'),
      madeSection({ settings, fact }),
    ].filter((one) => one !== undefined),
  });
  return { html: text, figures: map ? [{ name: 'map', svg: map }] : [] };
}
