// A patch file, as text.
import type { AppliedPatch, Patch } from '../session/patch.js';
import { regressionReport, standingLines } from './edit.js';
import { plural } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';

/** Vectors that are listed; the JSON output has them all. */
const LISTED = 20;

export function patchText({ file, model, fingerprint, edits, vectors }: Patch, page: Page): string {
  const { width, style } = page;
  const { shown, more } = firstOf(vectors, LISTED, page);
  const rows = shown.map(({ layer, neuron, beforeSha256, afterSha256 }) => [
    String(layer),
    String(neuron),
    beforeSha256.slice(0, 12),
    afterSha256.slice(0, 12),
  ]);
  return paragraphs(
    `${style.bold(printable(file))}: ${printable(edits.join(', '))}\n for ${printable(model)} ` +
      `(${fingerprint.slice(0, 12)}), ${plural(vectors.length, 'value vector')}`,
    table(
      [
        { title: 'layer', align: 'right' },
        { title: 'neuron', align: 'right' },
        { title: 'SHA-256 before' },
        { title: 'after' },
      ],
      rows,
      width,
    ),
    more,
  );
}

/** What became of a patch that was to be put on. */
export function appliedPatchText(result: AppliedPatch, page: Page): string {
  const { style } = page;
  const { status, editId, patch, standings, regressions } = result;
  return paragraphs(
    `${status === 'applied' ? style.good(`applied as edit ${editId}`) : style.bad('refused, nothing was changed')}\n` +
      patchText(patch, page),
    standingLines(standings, style).join('\n'),
    regressions.length > 0 ? regressionReport(regressions, page) : '',
  );
}
