// What the model answers, as text.

import type { ProbeAnswer } from '../session/ask.js';
import { unknownWarning } from '../session/fact-warnings.js';
import { bar, percent } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';
import { warningText } from './warnings.js';

export function answersReport(answer: ProbeAnswer, { width, style }: Page): string {
  const { columns, rows } = answersTable(answer, style);
  const { target } = answer;
  return paragraphs(
    style.bold(printable(answer.prompt)),
    table(columns, rows, width),
    target
      ? ` target ${style.bold(printable(target.token))}: ${percent(target.prob)}, rank ${target.rank}`
      : '',
    warningText(unknownWarning(answer.unknownWords), style),
  );
}

export function answersTable({ top }: ProbeAnswer, style: Style): Table {
  return {
    columns: [
      { title: 'rank', align: 'right' },
      { title: 'answer' },
      { title: 'prob', align: 'right' },
      { title: '' },
    ],
    rows: top.map(({ token, prob }, i) => [
      String(i + 1),
      printable(token),
      { text: percent(prob), value: prob },
      style.accent(bar(prob, 20)),
    ]),
  };
}
