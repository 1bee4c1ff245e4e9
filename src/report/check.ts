// A regression check, as text, JUnit XML or TAP.
import type { CheckResult } from '../session/check.js';
import { percent, plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';

export function checkReport({ suite, passed, failed, probes, seconds }: CheckResult, page: Page): string {
  const { style, width } = page;
  const rows = probes
    .filter(({ failures }) => failures.length > 0)
    .sort((a, b) => b.expectedProb - b.prob - (a.expectedProb - a.prob))
    .map(({ prompt, expect, failures }) => [
      printable(prompt),
      printable(expect),
      style.bad(failures.map(printable).join('; ')),
    ]);
  const kl = probes.reduce((sum, one) => sum + one.kl, 0) / probes.length;
  return paragraphs(
    `${style.bold(printable(suite))}: ${failed === 0 ? style.good('passed') : style.bad('failed')}\n ` +
      `${passed} of ${plural(probes.length, 'probe')} passed (${percent(passed / probes.length)}), mean KL divergence ` +
      `${kl.toFixed(4)} · ${seconds.toFixed(1)} s`,
    failed > 0
      ? table([{ title: 'prompt', shrinks: true }, { title: 'expected' }, { title: 'failure' }], rows, width)
      : '',
  );
}

/** JUnit XML, as CI servers read it. */
export function junitReport({ suite, failed, probes, seconds }: CheckResult): string {
  const cases = probes.map(({ prompt, expect, failures }) => {
    const name = xml(`${prompt} -> ${expect}`);
    if (failures.length === 0) return `  <testcase classname="kn-edit" name="${name}"/>`;
    return `  <testcase classname="kn-edit" name="${name}"><failure message="${xml(failures.join('; '))}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(suite)}" tests="${probes.length}" failures="${failed}" time="${seconds.toFixed(3)}">`,
    ...cases,
    '</testsuite>',
  ].join('\n');
}

function xml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return printable(text).replace(/[&<>"]/g, (c) => names[c] ?? c);
}

/** Test Anything Protocol, version 13. */
export function tapReport({ probes }: CheckResult): string {
  const lines = probes.map(({ prompt, expect, failures }, i) => {
    const title = printable(`${prompt} -> ${expect}`).replaceAll('#', '\\#');
    const verdict = failures.length === 0 ? 'ok' : 'not ok';
    return `${verdict} ${i + 1} - ${title}${failures.map((text) => `\n# ${printable(text)}`).join('')}`;
  });
  return ['TAP version 13', `1..${probes.length}`, ...lines].join('\n');
}
