// The screen as files: what stands in them is what stood on the screen, and nothing that was there is written over.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { screenHtml, screenSvg } from '../../src/report/figures/screen.js';
import { exportScreen } from '../../src/tui/export-screen.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

/** The text of a page's only <pre>. */
function textOf(page: string): string {
  const [, content = ''] = /<pre>([\s\S]*)<\/pre>/.exec(page) ?? [];
  const plain = content.replace(/<[^>]*>/g, '');
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return plain.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => entities[name] ?? '');
}

test('colours become those of the picture and of the page, text stays text', () => {
  const lines = [
    '\u001b[1m\u001b[36m<a>\u001b[39m\u001b[22m & \u001b[7mb\u001b[27m',
    '',
    '日本 \u001b[2mc\u001b[22m',
  ];
  const svg = screenSvg(lines, 'x');
  expect(svg).toContain('fill="#4fbcc4" font-weight="bold">&lt;a&gt;</text>');
  expect(svg).toMatch(/<rect x="62.4" [^>]*fill="#d8dce3"\/>\n<text x="62.4" [^>]*fill="#16181d">b<\/text>/);
  expect(svg).toMatch(/<text x="54" [^>]*opacity="0.55">c<\/text>/); // behind two wide characters and a blank
  expect(textOf(screenHtml(lines, 'x'))).toBe('<a> & b\n\n日本 c\n');
});

test('sets are lists, maps objects, and arrays of numbers of a model are left out', () => {
  const data = {
    left: new Set(['3:7', '3:9']),
    seen: new Map([['a', new Set([1])]]),
    scores: Float32Array.of(1),
  };
  const cwd = process.cwd();
  onTestFinished(() => process.chdir(cwd));
  process.chdir(temporaryDirectory());
  const [, , json = ''] = exportScreen('trials', [], data);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({ left: ['3:7', '3:9'], seen: { a: [1] } });
});

test.each([{}, { NO_COLOR: '1' }])('a screen is written (%o)', { timeout: 400_000 }, async (env) => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'kn-edit-fact.html'), 'mine');
  const terminal = new Terminal([], { cwd, env });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'kazakhstan alm', 'enter');
  await terminal.waitFor('8 of 8 prompts');
  terminal.resize({ columns: 140, rows: 45 });
  await terminal.waitFor('─'.repeat(140));
  const trimmed = (text: string) => text.replace(/ +$/gm, '').trimEnd();
  const shown = trimmed(terminal.screen());
  await terminal.press('x');
  await terminal.waitFor('written: kn-edit-fact-2.svg, kn-edit-fact-2.html, kn-edit-fact-2.json');
  const read = (ending: string) => readFileSync(join(cwd, `kn-edit-fact-2.${ending}`), 'utf8');
  expect(trimmed(textOf(read('html')))).toBe(shown);
  expect(read('svg')).toContain('>Kazakhstan');
  expect(read('svg').includes('#4fbcc4')).toBe(!('NO_COLOR' in env));
  const { edit, answers } = JSON.parse(read('json'));
  expect(edit.fact).toMatchObject({ subject: 'Kazakhstan', relation: 'capital', object: 'Almaty' });
  expect(answers).toHaveLength(8);
  expect(answers[0].answer.target.rank).toBe(1);
  expect(readFileSync(join(cwd, 'kn-edit-fact.html'), 'utf8')).toBe('mine');
  await terminal.press('5');
  await terminal.waitFor('no edits yet');
  await terminal.press(':', 'screen as SVG', 'enter');
  await terminal.waitFor('written: kn-edit-ledger.svg');
  expect(JSON.parse(readFileSync(join(cwd, 'kn-edit-ledger.json'), 'utf8'))).toEqual([]);
  expect(existsSync(join(cwd, 'kn-edit-palette.svg'))).toBe(false);
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});
