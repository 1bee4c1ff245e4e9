// What the model answers, as text.

import type { ProbeAnswer } from '../session/ask.js';
import { unknownWarning } from '../session/fact-warnings.js';
import { bar, percent } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';
import { warningText } from './warnings.js';

export function answersReport(answer: ProbeAnswer, { width, style }: Page): string {
  const rows = answer.top.map(({ token, prob }, i) => [
    String(i + 1),
    printable(token),
    percent(prob),
    style.accent(bar(prob, 20)),
  ]);
  const { target } = answer;
  return paragraphs(
    style.bold(printable(answer.prompt)),
    table(
      [
        { title: 'rank', align: 'right' },
        { title: 'answer' },
        { title: 'prob', align: 'right' },
        { title: '' },
      ],
      rows,
      width,
    ),
    target
      ? ` target ${style.bold(printable(target.token))}: ${percent(target.prob)}, rank ${target.rank}`
      : '',
    warningText(unknownWarning(answer.unknownWords), style),
  );
}
