// The table of keys: what the screens listen to and what the help prints.
import { describe, expect, test } from 'vitest';
import { actionOf, KEYS, keyNames, keySigns, type Scope } from '../../src/tui/keys.js';

const SCREENS = ['fact', 'locate', 'operate', 'check', 'ledger'] as const satisfies readonly Scope[];

describe('keys', () => {
  test.each(SCREENS)('of %s: none means two things at once', (screen) => {
    const bindings = [KEYS[screen], KEYS.list, KEYS.everywhere].flatMap((table) => Object.values(table));
    const keys = bindings.flatMap((binding) => binding.keys);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  test('a key finds its action in its scope alone', () => {
    expect(actionOf('ledger', 'r')).toBe('revert');
    expect(actionOf('locate', 'r')).toBeUndefined();
    expect(actionOf('list', 'j')).toBe('down');
  });

  test('have names, whichever way ink reports them', () => {
    expect(keyNames('', { upArrow: true })).toEqual(['up']);
    expect(keyNames('\r', { return: true })).toEqual(['enter']);
    expect(keyNames('c', { ctrl: true })).toEqual(['ctrl+c']);
    expect(keyNames('j ', {})).toEqual(['j', 'space']);
    expect(keyNames('', {})).toEqual([]);
  });

  test('are printed as people read them', () => {
    expect(keySigns({ keys: ['up', 'k'], does: '' })).toBe('↑ k');
    expect(keySigns(KEYS.everywhere.step)).toBe('1-5');
  });
});
