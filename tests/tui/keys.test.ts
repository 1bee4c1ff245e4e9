// The table of keys: what the screens listen to and what the help prints.
import type { Key } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { named } from '../../src/tui/key-stream.js';
import { actionOf, KEYS, keySigns, keysOn, type Scope } from '../../src/tui/keys.js';

const SCREENS: readonly Scope[] = [
  'fact',
  'locate',
  'operate',
  'check',
  'ledger',
  'trials',
  'edit',
  'comparison',
  'neuron',
];

describe('keys', () => {
  test.each(SCREENS)('of %s: none means two things at once', (screen) => {
    const bindings = [keysOn(screen), KEYS.list, KEYS.everywhere].flatMap((table) => Object.values(table));
    const keys = bindings.flatMap((binding) => binding.keys);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i && key !== 'esc')).toEqual([]);
    expect(keysOn(screen), 'none hides another').toMatchObject(KEYS[screen]);
  });

  test('a key finds its action in its scope alone', () => {
    expect(actionOf('ledger', 'r')).toBe('revert');
    expect(actionOf('locate', 'r')).toBeUndefined();
    expect(actionOf('list', 'j')).toBe('down');
  });

  test('have names, with what is held down beside them', () => {
    const pressed = (text: string, key: Key) => {
      const { key: name, text: written } = named(text, key);
      return [name, written];
    };
    expect(pressed('', { name: 'up' })).toEqual(['up', '']);
    expect(pressed('\r', { name: 'return' })).toEqual(['enter', '']);
    expect(pressed('\u0003', { name: 'c', ctrl: true })).toEqual(['ctrl+c', '']);
    expect(pressed('', { name: 'tab', shift: true })).toEqual(['shift+tab', '']);
    expect(pressed('', { name: 'left', meta: true })).toEqual(['alt+left', '']);
    expect(pressed('', { name: 'escape', meta: true })).toEqual(['esc', '']);
    expect(pressed(' ', { name: 'space' })).toEqual(['space', ' ']);
    expect(pressed('G', { name: 'g', shift: true })).toEqual(['G', 'G']);
    expect(pressed('\u200c', {})).toEqual(['\u200c', '\u200c']);
    expect(pressed('\u001f', {})).toEqual(['', '']);
  });

  test('are printed as people read them', () => {
    expect(keySigns({ keys: ['up', 'k'], does: '' })).toBe('↑ k');
    expect(keySigns(KEYS.everywhere.step)).toBe('1-5');
  });
});
