// Terminals without more than ASCII: what the program draws changes, column for column, and what users wrote does not.
import stringWidth from 'string-width';
import { expect, onTestFinished, test, vi } from 'vitest';
import { asciiDrawing, asciiOf, showsUnicode } from '../../src/report/ascii.js';
import { printableLines } from '../../src/report/style.js';

const DRAWN = '─│→❯ █▓▒░·… ×–● ★✓✗ ◆■○ ⠋⡇⣿ “λ” Zürich 日本';

test('drawings change, words stay, and every column is where it was', () => {
  expect(asciiDrawing(DRAWN)).toBe('-|>> ##=.-~ x-* !+x +@o |.. "L" Zürich 日本');
  expect(asciiOf(DRAWN)).toBe('-|>> ##=.-~ x-* !+x +@o |.. "L" Z?rich ????');
  for (const text of [asciiDrawing(DRAWN), asciiOf(DRAWN)])
    expect(stringWidth(text)).toBe(stringWidth(DRAWN));
});

test.each([
  [{ LANG: 'en_US.UTF-8', TERM: 'xterm' }, true],
  [{ TERM: 'xterm' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C', TERM: 'xterm' }, false],
  [{ LANG: 'en_US.utf8', TERM: 'dumb' }, false],
])('%o', (env, unicode) => expect(showsUnicode(env)).toBe(unicode));

test('reports are drawn so on a terminal, and in files as ever', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('TERM', 'dumb');
  const stream = (isTTY: boolean) => ({ isTTY, hasColors: () => false }) as NodeJS.WriteStream;
  expect(printableLines('█ é', stream(true))).toBe('# é');
  expect(printableLines('█ é', stream(false))).toBe('█ é');
});
