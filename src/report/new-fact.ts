// A fact that was made, as text: every wording with what the model says to it, and how much alike those are that it has.
import type { NewFact } from '../session/new-fact.js';
import { factLine } from './localization.js';
import { percent } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';
import { warningText } from './warnings.js';

/** @param written what was done with it, in words */
export function newFactReport(made: NewFact, { width, style }: Page, written?: string): string {
  const { fact, prompts, diversity, warnings } = made;
  const rows = prompts.map((one) => {
    const text = printable(one.prompt);
    if ('problem' in one) return [style.bad('!'), text, '', '', printable(one.problem)];
    const answers = one.top.map(({ token, prob }) => `${printable(token)} ${percent(prob)}`).join(', ');
    const sign = one.rank === 1 ? style.good('✓') : style.warn('✗');
    return [sign, one.kept ? text : style.dim(text), percent(one.prob), `#${one.rank}`, answers];
  });
  return paragraphs(
    style.bold(factLine(fact)),
    table(
      [
        { title: '' },
        { title: 'prompt', shrinks: true },
        { title: 'P(object)', align: 'right' },
        { title: 'rank', align: 'right' },
        { title: 'the model answers' },
      ],
      rows,
      width,
    ),
    ` ${fact.prompts.length} of ${prompts.length} wordings kept; ${likeness(diversity)}`,
    warnings.map((text) => warningText(text, style)),
    written,
  );
}

function likeness({ words, coarse }: NewFact['diversity']): string {
  const neurons = coarse === null ? '' : `, of their coarse sets ${percent(coarse)}`;
  return `mean overlap of their words ${percent(words)}${neurons} (Jaccard)`;
}
