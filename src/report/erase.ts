// What erasing a relation did, as text: to its facts by role, and to what should not have changed.
import type { EraseResult } from '../session/erase.js';
import { metricsTable, regressionReport, statusLine, verdictReport } from './edit.js';
import { percent, plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { warningText } from './warnings.js';

export function eraseReport(result: EraseResult, page: Page): string {
  const { style } = page;
  const { status, neurons, topic, generic } = result;
  const layers = [...new Set(neurons.map(({ layer }) => layer))].sort((a, b) => a - b);
  const shares = neurons.map(({ share }) => share);
  const [most = 0, least = 0] = [shares[0], shares.at(-1)];
  return paragraphs(
    `${style.bold(printable(result.name))} · ${statusLine(result, style)}\n` +
      ` ${plural(topic.facts, 'fact')} of the relation, located ${topic.located}; ${plural(neurons.length, 'neuron')} that ` +
      `${percent(least)} to ${percent(most)} of these share, in layer ${layers.join(', ')} ` +
      `(${generic.length} generic left out) · ${result.seconds.toFixed(1)} s`,
    metricsTable(result.metrics.roles, page),
    verdictReport(result, page),
    regressionReport(result.regressions, page),
    result.warnings.map((text) => warningText(text, style)),
    status === 'applied' ? style.dim(`undo with: kn-edit revert ${result.editId}`) : '',
  );
}
