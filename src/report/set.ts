// What several edits that were applied together did, as text: a line each, in the state that all of them leave.
import type { SetEdit, SetResult } from '../session/apply-set.js';
import { driftText, perplexityText, regressionReport } from './edit.js';
import { plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';
import { verdictText, verdictTone } from './verdict.js';
import { warningText } from './warnings.js';

export function setReport(result: SetResult, page: Page): string {
  const { edits, status, drift, perplexity, seconds } = result;
  const { style } = page;
  const ids = edits.flatMap(({ editId }) => editId ?? []);
  const heading = {
    applied: style.good(`applied as edits ${ids.join(', ')}`),
    'dry-run': style.accent('dry run, nothing was changed'),
    refused: style.bad('refused, nothing was changed'),
  }[status];
  const { columns, rows } = editTable(result, style);
  return paragraphs(
    `${style.bold(`${plural(edits.length, 'edit')} together`)}: ${heading} · ${seconds.toFixed(1)} s`,
    table(columns, rows, page.width),
    [drift && driftText(drift), perplexity && perplexityText(perplexity, null)]
      .flatMap((line) => (line ? [` ${line}`] : []))
      .join('\n'),
    edits
      .filter(({ regressions }) => regressions.length > 0)
      .map((one) => `${style.bold(printable(one.name))}: ${regressionReport(one.regressions, page)}`),
    result.warnings.map((text) => warningText(text, style)),
    edits.flatMap(({ name, warnings }) => warnings.map((text) => warningText(`${name}: ${text}`, style))),
    status === 'applied'
      ? style.dim(`undo with: kn-edit revert ${ids.join(' ')} (or one of them alone)`)
      : '',
  );
}

/** On how many of its prompts each edit shows what it wants in the end, and how it stood when it had been worked out. */
export function editTable({ edits }: Pick<SetResult, 'edits'>, style: Style): Table {
  const rows = edits.map((edit) => {
    const { name, source, rewrite, operation, final, regressions } = edit;
    const { target, heldOut } = final.reach;
    return [
      printable(name),
      printable(source),
      rewrite ? `${printable(rewrite.from)} → ${printable(rewrite.to)}` : operation,
      `${target.after} of ${target.of}`,
      heldOut.of > 0 ? `${heldOut.after} of ${heldOut.of}` : '–',
      standingTone(edit, style)(final.standing.state),
      regressions.length > 0 ? style.bad(String(regressions.length)) : '0',
      verdictTone(edit, style)(verdictText(edit)),
    ];
  });
  const columns = [
    { title: 'edit' },
    { title: 'file', shrinks: true },
    { title: 'change' },
    { title: 'own prompts' },
    { title: 'held-out' },
    { title: 'in the end' },
    { title: 'regressions', align: 'right' as const },
    { title: 'verdict' },
  ];
  return { columns, rows };
}

function standingTone({ final }: SetEdit, style: Style): (text: string) => string {
  const { state } = final.standing;
  if (state === 'holds') return style.good;
  return state === 'lost' ? style.bad : style.warn;
}
