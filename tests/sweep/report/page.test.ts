// The page of a run in a real browser: it sorts and filters, says nothing on the console, asks nothing of the network, and
// takes no text of a data set for markup.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Relations, resultsHash } from '../../../src/sweep/relations/file.js';
import { reportOf } from '../../../src/sweep/report/run.js';
import { writeReport } from '../../../src/sweep/report/write.js';
import type { SweepOperation } from '../../../src/sweep/result.js';
import { CHROMIUM, launch, open } from '../../support/browser.js';
import { located } from '../../support/sweep-results.js';
import { FAILURES, HOSTILE, manifestOf, resultsOf } from '../../support/sweep-run.js';
import { temporaryDirectory } from '../../support/temporary.js';

async function written(operation: SweepOperation): Promise<string> {
  const directory = temporaryDirectory();
  const manifest = manifestOf(operation, 120);
  writeReport(directory, await reportOf({ manifest, results: resultsOf(operation), failures: FAILURES }));
  return directory;
}

const facts = (page: Page) => page.locator('#facts');
/** The texts of one column of the rows that are shown. */
const column = (table: Locator, number: number) =>
  table.locator(`tbody td:nth-child(${number})`).allTextContents();

describe.skipIf(!CHROMIUM)('report.html in Chromium (there is none in /usr/bin)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test.each(['locate', 'edit', 'suppress'] as const)(
    'of %s: nothing is asked for, thrown or run',
    async (operation) => {
      const directory = await written(operation);
      for (const width of [1280, 400]) {
        const { page, complaints } = await open(browser, join(directory, 'report.html'), width);
        expect(await page.title()).toMatch(/^120 facts of kn-mini, /);
        expect(await page.locator('img').count()).toBe(0);
        expect(await facts(page).locator('tbody').textContent()).toContain(HOSTILE);
        // Wide tables and figures scroll by themselves.
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expect(complaints).toEqual([]);
        await page.close();
      }
    },
  );

  test('a table is sorted by a column, either way, by mouse and by keyboard', async () => {
    const { page, complaints } = await open(browser, join(await written('edit'), 'report.html'));
    const table = facts(page);
    const probability = table.getByRole('button', { name: 'P(object)' });
    const head = table.locator('th', { has: page.getByRole('button', { name: 'P(object)' }) });
    const shown = async () => (await column(table, 5)).map((text) => Number.parseFloat(text));
    await probability.click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const falling = await shown();
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(new Set(falling).size).toBeGreaterThan(5);
    await probability.focus();
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    const rising = await shown();
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(rising[0]).toBeLessThan(falling.at(-1) ?? 0);
    // Text is sorted as people do: item-2 before item-10.
    await table.getByRole('button', { name: 'id', exact: true }).click();
    expect((await column(table, 1)).slice(0, 3)).toEqual(['item-0', 'item-1', 'item-2']);
    expect(complaints).toEqual([]);
  });

  test('a table is filtered by words, and shows more when asked', async () => {
    const { page, complaints } = await open(browser, join(await written('edit'), 'report.html'));
    const table = facts(page);
    const count = table.getByRole('status');
    expect(await count.textContent()).toBe('120 rows');
    expect(await table.locator('tbody tr').count()).toBe(20);
    await table.getByRole('button', { name: 'Show 100 more' }).click();
    expect(await table.locator('tbody tr').count()).toBe(120);
    await table.getByRole('searchbox').fill('CAPITAL item-1');
    // Facts 12, 15, 18, 102, 105, ... of every third one.
    const ids = await column(table, 1);
    expect(ids.every((id) => id.startsWith('item-1'))).toBe(true);
    expect(new Set(await column(table, 2))).toEqual(new Set(['capital']));
    expect(await count.textContent()).toBe(`${ids.length} of 120 rows`);
    await table.getByRole('searchbox').fill('no such fact');
    expect(await table.locator('tbody tr').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('the analyses of relations have tables of their own, which are taken for no markup', async () => {
    const directory = temporaryDirectory();
    const results = resultsOf('locate');
    const side = { accuracy: 1, surprise: 0.1 };
    const own = results.slice(0, 2).map(({ id }) => {
      return { id, before: side, after: { accuracy: 0.25, surprise: 2 }, controls: [side] };
    });
    const kind = { sentences: 3, activation: 0.5, random: 0.01 };
    const spent = { seconds: 1, cpuSeconds: 1 };
    const relations: Relations = {
      results: resultsHash(results),
      versions: {},
      erasure: {
        settings: { neurons: 20, value: 'zero', control: 'random', seeds: 1, limit: 2, seed: 1 },
        relations: ['capital', HOSTILE].map((relation) => {
          return { relation, facts: 40, neurons: located([1, 7]), own, others: own, ...spent };
        }),
      },
      activation: {
        settings: { path: HOSTILE, sha256: '0', seeds: 1, seed: 1 },
        relations: ['capital', HOSTILE].map((relation) => {
          const facts = [{ id: 'item-0', neurons: 2, stated: kind, named: null, unrelated: kind }];
          return { relation, facts, leftOut: [{ reason: HOSTILE, count: 2 }], ...spent };
        }),
      },
    };
    const manifest = manifestOf('locate', 120);
    writeReport(directory, await reportOf({ manifest, results, failures: [], relations }));
    const { page, complaints } = await open(browser, join(directory, 'report.html'));
    const erasure = page.locator('#erasure');
    expect(await column(erasure, 1)).toEqual(['capital', HOSTILE]);
    expect(await column(erasure, 4)).toEqual(['25.0%', '25.0%']);
    expect(await column(erasure, 15)).toEqual(Array(2).fill('1, of 100% to 100% of the facts'));
    for (const [name, all] of [
      ['erasure', 'all relations'],
      ['activation', 'all facts'],
    ] as const) {
      const labels = await page.locator(`#figure-${name} svg text`).allTextContents();
      for (const label of [all, 'capital', 'random neurons']) expect(labels.join()).toContain(label);
    }
    expect(await column(page.locator('#activation'), 3)).toEqual(['0.500', '0.500']);
    expect(complaints).toEqual([]);
  });

  test('figures are well-formed files of their own', async () => {
    const directory = join(await written('edit'), 'figures');
    const files = readdirSync(directory);
    expect(files.sort()).toEqual([
      'effect.svg',
      'layers.svg',
      'neuron-map.svg',
      'overlap.svg',
      'shared-neurons.svg',
    ]);
    for (const file of files) {
      const { page, complaints } = await open(browser, join(directory, file));
      expect(await page.evaluate('document.documentElement.nodeName')).toBe('svg');
      expect(await page.locator('parsererror').count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });
});
