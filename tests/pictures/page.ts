// The last part of the walk: the page of the applied edit, in a real browser.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { launch, open } from '../support/browser.js';
import { runCli } from '../support/cli.js';

/** Writes the page, opens it in a window of a width, and prints where its picture is kept. */
export async function openPage(cwd: string, width: number): Promise<void> {
  const path = join(cwd, 'page.html');
  const written = await runCli(['report', '1', '--out', path], { cwd });
  expect(written.code, written.stderr).toBe(0);
  const browser = await launch();
  try {
    const { page, complaints } = await open(browser, path, width);
    const picture = join(mkdtempSync(join(tmpdir(), 'kn-edit-page-')), `page-${width}.png`);
    await page.screenshot({ path: picture, fullPage: true });
    process.stdout.write(`\n${width} pixels: ${await page.title()}\n${picture}\n`);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  } finally {
    await browser.close();
  }
}
