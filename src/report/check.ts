// A regression check, as text, JUnit XML or TAP.
import type { CheckedProbe, CheckResult } from '../session/check.js';
import type { EditsCheck } from '../session/check-edits.js';
import type { StandingEdit } from '../session/standings.js';
import { standingWord } from './history.js';
import { percent, plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';
import { standingsText, standingText } from './verdict.js';

export function checkReport({ suite, passed, failed, probes, seconds }: CheckResult, page: Page): string {
  const { style, width } = page;
  const { columns, rows } = failuresTable({ probes }, style);
  const kl = probes.reduce((sum, one) => sum + one.kl, 0) / probes.length;
  return paragraphs(
    `${style.bold(printable(suite))}: ${failed === 0 ? style.good('passed') : style.bad('failed')}\n ` +
      `${passed} of ${plural(probes.length, 'probe')} passed (${percent(passed / probes.length)}), mean KL divergence ` +
      `${kl.toFixed(4)} · ${seconds.toFixed(1)} s`,
    failed > 0 ? table(columns, rows, width) : '',
  );
}

/** The probes that failed, the worst first. */
export function failuresTable({ probes }: Pick<CheckResult, 'probes'>, style: Style): Table {
  const rows = probes
    .filter(({ failures }) => failures.length > 0)
    .sort((a, b) => b.expectedProb - b.prob - (a.expectedProb - a.prob))
    .map(({ prompt, expect, failures }) => [
      printable(prompt),
      printable(expect),
      style.bad(failures.map(printable).join('; ')),
    ]);
  return { columns: [{ title: 'prompt', shrinks: true }, { title: 'expected' }, { title: 'failure' }], rows };
}

/** The check of the edits themselves. */
export function editsReport(
  { edits, passed, unmeasured, seconds }: EditsCheck,
  { style, width }: Page,
): string {
  if (edits.length === 0) {
    const what = unmeasured > 0 ? 'no applied edit has probes of its own' : 'no edit is applied';
    return `${what}, so there is nothing to check`;
  }
  const { columns, rows } = standingsTable({ edits }, style);
  return paragraphs(
    `${plural(edits.length, 'edit')}: ${standingsText(edits)} · ${seconds.toFixed(1)} s` +
      (unmeasured > 0 ? `\n ${unmeasured} more without probes, or edited again by a later one` : ''),
    table(columns, rows, width),
    style.dim(
      [
        ...(passed < edits.length
          ? [
              'kept: of its prompts where it reached what it wants when it was applied, those where it still does',
            ]
          : []),
        'P: of what it wants, mean over its target prompts and held-out wordings',
      ].join('\n'),
    ),
  );
}

/** How each applied edit stands. */
export function standingsTable({ edits }: Pick<EditsCheck, 'edits'>, style: Style): Table {
  return {
    columns: [
      { title: 'id', align: 'right' },
      { title: 'name', shrinks: true },
      { title: 'state' },
      { title: 'kept' },
      { title: 'wants' },
      { title: 'P when applied, now', align: 'right' },
    ],
    rows: edits.map(({ id, name, state, wants, kept, reached, probRecorded, prob }) => [
      String(id),
      printable(name),
      standingWord({ state, reached }, style),
      reached === 0 ? '–' : `${kept} of ${reached}`,
      printable(wants),
      { text: `${percent(probRecorded)} → ${percent(prob)}`, value: prob },
    ]),
  };
}

/** JUnit XML, as CI servers read it. */
export function junitReport({ suite, failed, probes, seconds }: CheckResult): string {
  return junit(suite, failed, seconds, probes.map(caseOf));
}

/** JUnit XML of the check of the edits. */
export function junitEdits({ edits, failed, seconds }: EditsCheck): string {
  return junit('edits', failed, seconds, edits.map(caseOfEdit));
}

/** One case of a report: what was checked, and what is wrong with it. */
interface Case {
  name: string;
  failures: string[];
  /** Why there was nothing to check. */
  skipped?: string | undefined;
}

function caseOf({ prompt, expect, failures }: CheckedProbe): Case {
  return { name: `${prompt} -> ${expect}`, failures };
}

function caseOfEdit(edit: StandingEdit): Case {
  const { id, name, wants, state } = edit;
  return {
    name: `edit ${id} ${name} -> ${wants}`,
    failures: state === 'weakened' || state === 'lost' ? [standingText(edit)] : [],
    skipped: state === 'reached nothing' ? state : undefined,
  };
}

function junit(suite: string, failed: number, seconds: number, checked: readonly Case[]): string {
  const cases = checked.map(({ name: title, failures, skipped }) => {
    const name = xml(title);
    if (skipped)
      return `  <testcase classname="kn-edit" name="${name}"><skipped message="${skipped}"/></testcase>`;
    if (failures.length === 0) return `  <testcase classname="kn-edit" name="${name}"/>`;
    return `  <testcase classname="kn-edit" name="${name}"><failure message="${xml(failures.join('; '))}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(suite)}" tests="${checked.length}" failures="${failed}" time="${seconds.toFixed(3)}">`,
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
  return tap(probes.map(caseOf));
}

/** The same of the check of the edits. */
export function tapEdits({ edits }: EditsCheck): string {
  return tap(edits.map(caseOfEdit));
}

function tap(checked: readonly Case[]): string {
  const lines = checked.map(({ name, failures, skipped }, i) => {
    const title = printable(name).replaceAll('#', '\\#');
    const verdict = failures.length === 0 ? 'ok' : 'not ok';
    const skip = skipped ? ` # SKIP ${skipped}` : '';
    return `${verdict} ${i + 1} - ${title}${skip}${failures.map((text) => `\n# ${printable(text)}`).join('')}`;
  });
  return ['TAP version 13', `1..${checked.length}`, ...lines].join('\n');
}
