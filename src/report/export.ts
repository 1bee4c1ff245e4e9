// What an export wrote, as text.
import type { ExportResult } from '../session/export.js';
import { percent, plural } from './numbers.js';
import type { Page } from './page.js';
import { printable } from './style.js';

export function exportReport(result: ExportResult, { style }: Page): string {
  const { directory, edits, vectors, files, rounding, widened, retyped } = result;
  const lines = [
    `${style.bold(style.file(directory))}: ${plural(edits.length, 'edit')}, ${plural(vectors, 'value vector')} changed`,
    ` ${files.join(', ')}`,
  ];
  if (rounding) {
    const { dtypes, relativeError, answers, largestChange } = rounding;
    lines.push(
      ` rounded to ${dtypes.join(' and ')}: the vectors by at most ${percent(relativeError)}; ` +
        `P of the edits' answers changes by at most ${percent(largestChange)} (${plural(answers, 'prompt')})`,
    );
  }
  if (widened.length > 0) {
    lines.push(
      ` in F32: ${widened.map(printable).join(', ')}; in Python, load with dtype=torch.float32 to keep it so`,
    );
  }
  if (retyped.length > 0) {
    const typeOf = ({ from, to }: (typeof retyped)[number]) => `in ${to}, not ${from}`;
    const how = [...new Set(retyped.map(typeOf))].map((type) => {
      const tensors = retyped.filter((one) => typeOf(one) === type).map(({ tensor }) => printable(tensor));
      return `${tensors.join(', ')} ${type}`;
    });
    lines.push(` blocks with a common scale cannot hold the edits: ${how.join('; ')}`);
  }
  return lines.join('\n');
}
