// kn-edit report: pages of a fact and of an edit, in a real browser where there is one.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHROMIUM, launch, open } from '../support/browser.js';
import { ROOT, runCli } from '../support/cli.js';
import { HOSTILE } from '../support/sweep-run.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Opens pages at two widths. @returns what they complain of, and their titles */
async function look(paths: readonly string[]) {
  const browser = await launch();
  try {
    const titles: string[] = [];
    const found: string[] = [];
    for (const path of paths) {
      for (const width of [1280, 400]) {
        const { page, complaints } = await open(browser, path, width);
        await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
        found.push(...complaints);
        titles.push(await page.title());
        if (!(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')))
          found.push(`${path} is wider than ${width}`);
        await page.close();
      }
    }
    return { titles, found };
  } finally {
    await browser.close();
  }
}

const capital = join(ROOT, 'edits/fix-capital.json');

describe('kn-edit report', () => {
  test('writes pages of an edit and of a fact, and their figures', async () => {
    const cwd = temporaryDirectory();
    cpSync(capital, join(cwd, 'edit.json'));
    const applied = await runCli(['apply', 'edit.json', '--dose', '0,1', '--seeds', '2'], { cwd });
    expect(applied.code).toBe(0);
    const written = await runCli(
      ['report', '1', '--out', 'pages/edit.html', '--figures', 'figures', '--json'],
      { cwd },
    );
    const { files } = JSON.parse(written.stdout) as { files: string[] };
    expect(files).toEqual([
      'pages/edit.html',
      ...['probes', 'map', 'doses'].map((name) => join('figures', `${name}.svg`)),
    ]);
    expect(readdirSync(join(cwd, 'figures')).length).toBe(3);
    const page = readFileSync(join(cwd, 'pages/edit.html'), 'utf8');
    expect(page).toContain('<code>kn-edit revert 1</code>');
    expect(page).toContain('The parliament of Kazakhstan meets in [MASK] every year.');
    expect(page).toMatch(/effect<\/span><span class="value">\+8\d\.\d points/);
    const { further } = JSON.parse((await runCli(['show', '1', '--json'], { cwd })).stdout);
    expect(page).toContain(`<span class="value">${further.lost} of ${further.asked}</span>`);
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
    if (!CHROMIUM) return;
    const { titles, found } = await look([join(cwd, 'pages/edit.html')]);
    expect(found).toEqual([]);
    expect(new Set(titles)).toEqual(new Set(['Edit 1: fix-capital']));
  });

  test('takes no text of a file for markup', async () => {
    const cwd = temporaryDirectory();
    const fact = { subject: 'France', relation: HOSTILE, object: 'Paris' };
    const prompts = ['The capital of France is [MASK].', '<b id=run> The capital of France is [MASK].'];
    writeFileSync(join(cwd, 'fact.json'), JSON.stringify({ ...fact, prompts }));
    const { code } = await runCli(['report', 'fact.json', '--out', 'fact.html'], { cwd });
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'fact.html'), 'utf8')).not.toMatch(/<img|<b id/);
    if (!CHROMIUM) return;
    const { titles, found } = await look([join(cwd, 'fact.html')]);
    expect(found).toEqual([]);
    expect(titles[0]).toContain(HOSTILE);
  });

  test('writes over nothing', async () => {
    const cwd = temporaryDirectory();
    cpSync(capital, join(cwd, 'edit.json'));
    const over = await runCli(['report', 'edit.json', '--out', 'edit.json'], { cwd });
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('edit.json: cannot be written')]);
    expect(readFileSync(join(cwd, 'edit.json'))).toEqual(readFileSync(capital));
    const figures = await runCli(['report', 'edit.json', '--out', 'page.html', '--figures', '.'], { cwd });
    expect([figures.code, figures.stderr]).toEqual([2, expect.stringContaining('choose another --figures')]);
  });

  test('says what is wrong in one line', async () => {
    const cwd = temporaryDirectory();
    const none = await runCli(['report', '7', '--out', 'page.html'], { cwd });
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/^kn-edit: .*\n$/)]);
    cpSync(capital, join(cwd, 'edit.json'));
    const unmakeable = await runCli(['report', 'edit.json', '--out', '/proc/nowhere/page.html'], { cwd });
    expect([unmakeable.code, unmakeable.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^kn-edit: \/proc\/nowhere\/page\.html: cannot be written: .*; choose another --out\n$/,
      ),
    ]);
    const lost = await runCli(['report', 'nowhere.json', '--out', 'page.html'], { cwd });
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringMatching(/^kn-edit: nowhere\.json: .*\n$/)]);
    const run = await runCli(['sweep', 'report', 'nowhere'], { cwd });
    expect([run.code, run.stderr]).toEqual([
      2,
      expect.stringMatching(/^kn-edit: nowhere: holds no run.*\n$/),
    ]);
  });
});
