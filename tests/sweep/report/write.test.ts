// The files of a report, as other programs read them; and the report in the terminal.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { csv } from '../../../src/report/csv.js';
import { PLAIN } from '../../../src/report/style.js';
import { PROMPT_COLUMNS } from '../../../src/sweep/report/prompts.js';
import { reportOf } from '../../../src/sweep/report/run.js';
import { runText } from '../../../src/sweep/report/text.js';
import { writeReport } from '../../../src/sweep/report/write.js';
import { FAILURES, FORMULA, manifestOf, resultsOf } from '../../support/sweep-run.js';
import { temporaryDirectory } from '../../support/temporary.js';

/** Fields of CSV, line by line. */
function parseCsv(text: string): string[][] {
  const fields = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\n|$)/g)];
  const rows: string[][] = [[]];
  for (const [, field = '', end] of fields) {
    rows.at(-1)?.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

test('the same prompts in CSV and in Parquet', async () => {
  const directory = temporaryDirectory();
  const results = resultsOf('edit');
  writeReport(directory, await reportOf({ manifest: manifestOf('edit', 120), results, failures: FAILURES }));
  const [header, ...rows] = parseCsv(readFileSync(join(directory, 'prompts.csv'), 'utf8'));
  expect(header).toEqual(PROMPT_COLUMNS.map(({ name }) => name));
  expect(rows.length).toBe(120 * 4); // two prompts, a neighbour, and an unrelated fact
  const bytes = readFileSync(join(directory, 'prompts.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const objects = await parquetReadObjects({ file });
  expect(objects.length).toBe(rows.length);
  const named = rows.map((row) => Object.fromEntries(row.map((value, i) => [header?.[i] ?? '', value])));
  for (const [
    i,
    { id, role, prompt, prob, rank, new_prob_after: after, answer_after: answer },
  ] of objects.entries()) {
    expect(named[i]).toMatchObject({ id, role, prob: String(prob), rank: String(rank) });
    expect(named[i]).toMatchObject({ new_prob_after: String(after), answer_after: answer });
    expect(named[i]?.prompt).toBe(prompt.startsWith('=') ? `'${prompt}` : prompt);
  }
  // Of the first result's first prompt.
  const probe = results[0]?.effect?.probes[0];
  expect(objects[0]).toMatchObject({
    id: 'item-0',
    prob_after: probe?.after.prob,
    prob_random: expect.closeTo((probe?.before.prob ?? 0) * 0.98, 12),
  });
});

test('of many relations the largest are shown, and the figures of an earlier report go', async () => {
  const directory = temporaryDirectory();
  const first = await reportOf({
    manifest: manifestOf('suppress', 120),
    results: resultsOf('suppress'),
    failures: [],
  });
  writeReport(directory, first);
  expect(existsSync(join(directory, 'figures', 'effect.svg'))).toBe(true);
  // 50 relations of one fact each, and then one of 70.
  const results = resultsOf('locate').map((one, i) => ({
    ...one,
    relation: i < 50 ? `small ${i}` : 'large',
  }));
  const run = await reportOf({ manifest: manifestOf('locate', 120), results, failures: [] });
  writeReport(directory, run);
  expect(existsSync(join(directory, 'figures', 'effect.svg'))).toBe(false);
  expect(readFileSync(join(directory, 'figures', 'overlap.svg'), 'utf8')).toContain('large');
  expect(run.figures.find(({ name }) => name === 'overlap')?.caption).toContain(
    'Of 51 relations, 40 are shown.',
  );
  expect(runText(run, { width: 80, style: PLAIN })).toMatch(/large +70/);
});

test('no text becomes a formula in a spreadsheet', () => {
  const rows = parseCsv(
    csv(
      ['a', 'b'],
      [
        [FORMULA, -1],
        ['+1+1', 'a "b",\nc'],
        ['@x', null],
        ['\tx', 0.1],
      ],
    ),
  );
  expect(rows).toEqual([
    ['a', 'b'],
    [`'${FORMULA}`, '-1'],
    ["'+1+1", 'a "b",\nc'],
    ["'@x", ''],
    ["'\tx", '0.1'],
  ]);
});

test('summary.csv has a line per measure, with its definition', async () => {
  const directory = temporaryDirectory();
  const run = await reportOf({
    manifest: manifestOf('suppress', 120),
    results: resultsOf('suppress'),
    failures: [],
  });
  writeReport(directory, run);
  const [header = [], ...rows] = parseCsv(readFileSync(join(directory, 'summary.csv'), 'utf8'));
  expect(rows.length).toBe(run.analysis.measures.length);
  expect(rows.every((row) => row.length === header.length && row.at(-1) !== '')).toBe(true);
  const ratio = rows.find((row) => row[0] === 'ratio' && row[1] === 'capital');
  const found = run.analysis.measures.find(
    ({ name, relation }) => name === 'ratio' && relation === 'capital',
  );
  expect(ratio?.[header.indexOf('value')]).toBe(String(found?.estimate.value));
  expect(ratio?.[header.indexOf('comparison')]).toBe('better than random');
});

test('a control of fewer facts stands below the number of these facts', async () => {
  const results = resultsOf('suppress').map((one, i) =>
    i < 4 || !one.effect ? one : { ...one, effect: { ...one.effect, control: null } },
  );
  const directory = temporaryDirectory();
  const run = await reportOf({ manifest: manifestOf('suppress', 120), results, failures: [] });
  const text = runText(run, { width: 100, style: PLAIN });
  expect(text).toMatch(/effect +120 .*\n +those with a control +4 .*\n +random neurons: not compared +4 /);
  const [page = ''] = writeReport(directory, run);
  expect(readFileSync(page, 'utf8')).toContain('facts with a control');
  const [header = [], ...rows] = parseCsv(readFileSync(join(directory, 'summary.csv'), 'utf8'));
  const effect = rows.find((row) => row[0] === 'effect' && row[1] === '') ?? [];
  const number = (name: string) => Number(effect[header.indexOf(name)]);
  expect([number('n'), number('shared_n')]).toEqual([120, 4]);
  expect(number('shared_value') - number('control_value')).toBeCloseTo(number('difference'), 12);
});

test.each(['locate', 'edit', 'suppress'] as const)('%s in a terminal of 80 columns', async (operation) => {
  const manifest = { ...manifestOf(operation, 120), counts: { waiting: 7, done: 120, failed: 1 } };
  const run = await reportOf({ manifest, results: resultsOf(operation), failures: FAILURES });
  const text = runText(run, { width: 80, style: PLAIN });
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain(', 1 failed, 7 not done yet');
  expect(text).toMatch(/neurons of a fact +120 +4\.63/);
});

test('in a narrow terminal labels go on in a second line, and none is cut', async () => {
  const run = await reportOf({ manifest: manifestOf('edit', 120), results: resultsOf('edit'), failures: [] });
  const text = runText(run, { width: 60, style: PLAIN });
  const [tables = ''] = text.split('\nRelations\n');
  expect(tables).not.toContain('…');
  expect(tables).toMatch(/\n activation baseline: +120 .*\n {2}within\n/);
});

test('a run without a single result is told of', async () => {
  const run = await reportOf({ manifest: manifestOf('edit', 0), results: [], failures: FAILURES });
  expect(runText(run, { width: 80, style: PLAIN })).toContain('0 facts of kn-mini');
  const [page = ''] = writeReport(temporaryDirectory(), run);
  expect(readFileSync(page, 'utf8')).toContain('the object is not in the vocabulary');
});
