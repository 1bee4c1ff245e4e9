// What taking an edit back, or putting it on again, came to, as text.
import type { ChangedEdit, RestackResult } from '../session/restack.js';
import { probeTable, regressionReport, standingLines } from './edit.js';
import { plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';

/** Edits that are listed. */
const LISTED = 10;

export function restackReport(result: RestackResult, page: Page): string {
  const { edits, replayed, standings, regressions } = result;
  const { style } = page;
  return paragraphs(
    edits.map((edit) =>
      paragraphs(
        `${style.bold(`edit ${edit.id}`)} ${printable(edit.name)}: ${stepText(result, style)}\n ${sameText(edit, result)}`,
        probeTable(edit.was, edit.probes, page),
      ),
    ),
    replayed.length > 0
      ? `replayed, because they touch the same neurons: ${replayed.map((id) => `edit ${id}`).join(', ')}`
      : '',
    stateText(result, style),
    standingLines(standings, style).join('\n'),
    regressions.length > 0 ? regressionReport(regressions, page) : '',
    result.wouldRefuse
      ? style.bad('refused, because other edits lose by it; to do it all the same: --allow-regressions')
      : '',
  );
}

/** What the model is after the step. */
function stateText({ isBase, applied, status, dryRun }: RestackResult, style: Style): string {
  if (status === 'refused') return '';
  const is = dryRun ? 'would be' : 'is';
  if (isBase) {
    return style.good(
      `the model ${is} its base again: every value vector that was changed is, byte for byte, the base's`,
    );
  }
  const ids = applied.slice(0, LISTED).map((id) => `edit ${id}`);
  const more = applied.length > LISTED ? ` and ${applied.length - LISTED} more` : '';
  return `the model ${is} its base with ${ids.join(', ')}${more}`;
}

function stepText({ status, dryRun, wouldRefuse }: RestackResult, style: Style): string {
  if (wouldRefuse && status !== 'refused') return style.bad('would be refused; nothing was changed');
  if (status === 'refused') return style.bad('refused, nothing was changed');
  return dryRun ? style.accent(`would be ${status}; nothing was changed`) : style.good(status);
}

/** How far an edit's vectors and probabilities are what was recorded. */
function sameText(
  { probes, maxDifference, vectors }: ChangedEdit,
  { status, isBase }: RestackResult,
): string {
  const other = status === 'applied' ? 'after' : 'before';
  const exact = vectors.filter(({ matches }) => matches).length;
  const bytes = isBase
    ? `${plural(vectors.length, 'value vector')} byte for byte as in the base (SHA-256)`
    : exact === vectors.length
      ? `${plural(exact, 'value vector')} byte for byte as ${other} the edit (SHA-256)`
      : `${exact} of ${plural(vectors.length, 'value vector')} byte for byte as ${other} the edit (SHA-256), ` +
        'the others also hold what other applied edits did';
  if (probes.length === 0)
    return `${bytes}; no probabilities: it has no probes, or the answers are no numbers`;
  if (maxDifference === null)
    return `${bytes}; it was recorded on other edits than now, so its probabilities may differ`;
  const same = maxDifference === 0 ? 'identical to' : `within ${maxDifference.toExponential(1)} of`;
  return `${bytes}; probabilities ${same} those ${other} the edit`;
}
