// Messages of the session, as the screen words them: no option is left that cannot be given there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { onScreen } from '../../src/tui/on-screen.js';
import { ROOT } from '../support/cli.js';

/** What the session is made of, as far as screens reach it: without the programs that install an engine. */
const ROOMS = ['session', 'background', 'ledger', 'lm', 'engine', 'locate', 'probe', 'surgery'];
/**
 * Options that only commands without a screen have (export, apply with a limit or against layers, background build), or
 * another program (llama-gguf-split, V8).
 */
const ELSEWHERE = [
  '--widen',
  '--drift-limit',
  '--sweep',
  '--control',
  '--text',
  '--merge',
  '--experimental-wasm-relaxed-simd',
];
const INSTALLERS = /^install\/|^backends\/tensorflow\//;
const OPTION = /--[a-z][a-z-]*/g;

/** Lines of the code that hold a message with an option, comments aside. */
function messages(): string[] {
  return ROOMS.flatMap((room) => {
    const files = readdirSync(join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.ts') && !INSTALLERS.test(file))
      .flatMap((file) => {
        const lines = readFileSync(join(ROOT, 'src', room, file), 'utf8').split('\n');
        return lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && /['"`].*--[a-z]/.test(line));
      });
  });
}

describe('on the screen', () => {
  test('a message names no option but those of the start, which it calls so', () => {
    const found = messages();
    expect(found.length).toBeGreaterThan(15);
    for (const message of found) {
      const shown = onScreen(message);
      const left = (shown.match(OPTION) ?? []).filter((option) => !ELSEWHERE.includes(option));
      for (const option of left) {
        expect(['--db', '--base', '--engine', '--workers'], message).toContain(option);
        expect(shown).toMatch(/ \(an option of kn-edit tui, given at its start\)$/);
      }
    }
  });

  test.each([
    ['lower --threshold, or --share to 0.50 at most', 'lower threshold, or share to 0.50 at most'],
    ['use more --steps, or --rule adaptive', 'raise the accuracy, or rule adaptive'],
    ['d/x: no such model directory; check --model', 'd/x: no such model directory; m chooses a model'],
    [
      'out of memory; try --workers 1',
      'out of memory; try --workers 1 (an option of kn-edit tui, given at its start)',
    ],
    [
      '--base ignores the ledger, so nothing can be applied; add --dry-run, or drop --base',
      '--base ignores the ledger, so nothing can be applied; drop --base (an option of kn-edit tui, given at its start)',
    ],
  ])('%s', (message, shown) => {
    expect(onScreen(message)).toBe(shown);
  });
});
