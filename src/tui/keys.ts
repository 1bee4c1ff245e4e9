// Every key of the terminal UI: what the screens listen to and what the help prints are this one table.
import type { Key } from './ink.js';

export interface Binding {
  keys: readonly string[];
  does: string;
  /** Named in the last line of the screen. */
  hint?: string;
}

const bindings = <T extends Record<string, Binding>>(table: T): T => table;

export const KEYS = {
  everywhere: bindings({
    step: { keys: ['1', '2', '3', '4', '5'], does: 'go to a step' },
    models: { keys: ['m'], does: 'choose another model', hint: 'model' },
    help: { keys: ['?'], does: 'show the keys of this screen, or hide them', hint: 'keys' },
    back: { keys: ['esc'], does: 'stop what is running; else go back' },
    quit: { keys: ['q', 'ctrl+c'], does: 'leave', hint: 'leave' },
  }),
  list: bindings({
    up: { keys: ['up', 'k'], does: 'move up' },
    down: { keys: ['down', 'j'], does: 'move down' },
    pageUp: { keys: ['pageup', 'ctrl+u'], does: 'move up by a page' },
    pageDown: { keys: ['pagedown', 'ctrl+d'], does: 'move down by a page' },
    first: { keys: ['home', 'g'], does: 'move to the first' },
    last: { keys: ['end', 'G'], does: 'move to the last' },
  }),
  fact: bindings({
    pane: { keys: ['tab'], does: 'go to the other pane', hint: 'pane' },
    open: {
      keys: ['enter', 'right', 'l'],
      does: 'open the entry; in the fact: change the line',
      hint: 'open, change',
    },
    leave: { keys: ['left', 'h'], does: 'back to all entries' },
    filter: { keys: ['/'], does: 'filter the entries, and search all facts', hint: 'search' },
    add: { keys: ['a'], does: 'add a prompt' },
    remove: { keys: ['d'], does: 'remove the prompt' },
    next: { keys: ['n'], does: 'locate this fact', hint: 'locate' },
  }),
  locate: bindings({
    run: {
      keys: ['enter'],
      does: 'locate; once it is located: go on to the operation',
      hint: 'locate, go on',
    },
    setting: { keys: ['tab'], does: 'choose the next setting', hint: 'setting' },
    less: { keys: ['left', 'h'], does: 'lower the setting', hint: 'lower' },
    more: { keys: ['right', 'l'], does: 'raise the setting', hint: 'raise' },
    prompts: { keys: ['p'], does: 'show prompts in place of neurons, or neurons again', hint: 'prompts' },
  }),
  operate: bindings({
    less: { keys: ['left', 'h'], does: 'lower the value, or choose the one before', hint: 'lower' },
    more: { keys: ['right', 'l'], does: 'raise the value, or choose the next one', hint: 'raise' },
    change: { keys: ['enter'], does: 'type a word; elsewhere: go on to the check', hint: 'type, go on' },
    tick: { keys: ['space'], does: 'leave the neuron out, or take it in again', hint: 'tick' },
    pane: { keys: ['tab'], does: 'go to the probes, or back', hint: 'pane' },
    again: { keys: ['r'], does: 'run the trial again' },
  }),
  check: bindings({
    apply: { keys: ['enter', 'a'], does: 'apply the edit', hint: 'apply' },
    force: {
      keys: ['f'],
      does: 'apply although something else changed (asks for the word)',
      hint: 'apply anyway',
    },
    all: { keys: ['c'], does: 'show all that changed, or only the regressions', hint: 'all changes' },
  }),
  ledger: bindings({
    open: { keys: ['enter', 'right', 'l'], does: 'open the edit', hint: 'open' },
    close: { keys: ['left', 'h'], does: 'back to all edits' },
    filter: { keys: ['/'], does: 'filter the edits', hint: 'search' },
    revert: { keys: ['r'], does: 'take the edit back (asks first)', hint: 'revert' },
    redo: { keys: ['u'], does: 'put a reverted edit on again (asks first)', hint: 'redo' },
  }),
  models: bindings({
    choose: { keys: ['enter', 'right', 'l'], does: 'load the model', hint: 'load' },
  }),
  confirm: bindings({
    yes: { keys: ['y'], does: 'yes' },
    no: { keys: ['n', 'esc'], does: 'no' },
  }),
};

export type Scope = keyof typeof KEYS;
export type Handlers<S extends Scope> = Partial<Record<keyof (typeof KEYS)[S], (key: string) => void>>;

/** Keys as ink reports them, by the names of the table. */
export function keyNames(input: string, key: Partial<Key>): string[] {
  const named: [string, unknown][] = [
    ['up', key.upArrow],
    ['down', key.downArrow],
    ['left', key.leftArrow],
    ['right', key.rightArrow],
    ['enter', key.return],
    ['esc', key.escape],
    ['tab', key.tab],
    ['pageup', key.pageUp],
    ['pagedown', key.pageDown],
    ['home', key.home],
    ['end', key.end],
    ['backspace', key.backspace || key.delete],
  ];
  const found = named.find(([, pressed]) => pressed);
  if (found) return [found[0]];
  if (key.ctrl) return [`ctrl+${input}`];
  // Keys that are pressed faster than they are read come together.
  return [...input].map((character) => (character === ' ' ? 'space' : character));
}

/** What a key does in a scope. */
export function actionOf(scope: Scope, key: string): string | undefined {
  return Object.entries(KEYS[scope]).find(([, { keys }]) => keys.includes(key))?.[0];
}

const SIGNS: Record<string, string> = { up: '↑', down: '↓', left: '←', right: '→' };

/** Keys as people read them: `↑ k`. */
export function keySigns({ keys }: Binding): string {
  if (keys.length === 5) return `${keys[0]}-${keys.at(-1)}`;
  return keys.map((key) => SIGNS[key] ?? key).join(' ');
}
