// Every key of the terminal UI: what the screens listen to and what the help prints are this one table.
export interface Binding {
  keys: readonly string[];
  does: string;
  /** Named in the last line of the screen. */
  hint?: string;
  /** In the help it stands on the line of the one before: they undo each other, or one follows the other. */
  joins?: true;
}

const bindings = <T extends Record<string, Binding>>(table: T): T => table;

export const KEYS = {
  everywhere: bindings({
    step: { keys: ['1', '2', '3', '4', '5'], does: 'go to a step' },
    models: { keys: ['m'], does: 'choose another model', hint: 'model', joins: true },
    palette: { keys: [':', 'ctrl+p'], does: 'find a key by words' },
    theme: { keys: ['t'], does: 'colours for colour-blind eyes, or not', joins: true },
    save: { keys: ['s'], does: 'save the edit as a file' },
    export: { keys: ['x'], does: 'this screen as SVG, HTML and JSON', joins: true },
    help: { keys: ['?'], does: 'show these keys, or hide them', hint: 'keys' },
    back: { keys: ['esc'], does: 'stop what runs, else go back', joins: true },
    suspend: { keys: ['ctrl+z'], does: 'to the shell, and back with fg' },
    quit: { keys: ['q', 'ctrl+c'], does: 'leave; drafts are kept', hint: 'leave', joins: true },
  }),
  list: bindings({
    up: { keys: ['up', 'k'], does: 'move up' },
    down: { keys: ['down', 'j'], does: 'move down', joins: true },
    pageUp: { keys: ['pageup', 'ctrl+u'], does: 'move up by a page' },
    pageDown: { keys: ['pagedown', 'ctrl+d'], does: 'move down by a page', joins: true },
    first: { keys: ['home', 'g'], does: 'move to the first' },
    last: { keys: ['end', 'G'], does: 'move to the last', joins: true },
  }),
  fact: bindings({
    pane: { keys: ['tab', 'shift+tab'], does: 'go to the other pane', hint: 'pane' },
    leave: { keys: ['left', 'h'], does: 'back to all entries', joins: true },
    open: {
      keys: ['enter', 'right', 'l'],
      does: 'open the entry; in the fact: change the line',
      hint: 'open, change',
    },
    add: { keys: ['a'], does: 'add a prompt' },
    next: { keys: ['n'], does: 'locate this fact', hint: 'locate', joins: true },
    remove: { keys: ['d'], does: 'remove the prompt; in the list: throw the draft away' },
    undo: { keys: ['u'], does: 'take the last change of the fact back' },
    propose: { keys: ['p'], does: "propose prompts: the relation's wordings", hint: 'prompts' },
  }),
  proposals: bindings({
    take: { keys: ['space', 'enter'], does: 'take the prompt, or leave it out again', hint: 'take' },
    all: { keys: ['a'], does: 'take all that are answered with the object', hint: 'all answered' },
    close: { keys: ['esc', 'left', 'h', 'p'], does: 'back to the fact', hint: 'back' },
  }),
  locate: bindings({
    run: {
      keys: ['enter'],
      does: 'locate; once it is located: open the neuron',
      hint: 'locate, open',
    },
    next: { keys: ['n'], does: 'go on to the operation', hint: 'go on' },
    instead: { keys: ['o'], does: 'locate although neurons are named', joins: true },
    setting: { keys: ['tab'], does: 'choose the next setting', hint: 'setting' },
    settingBefore: { keys: ['shift+tab'], does: 'choose the setting before', joins: true },
    less: { keys: ['left', 'h'], does: 'lower the setting', hint: 'lower' },
    more: { keys: ['right', 'l'], does: 'raise the setting', hint: 'raise', joins: true },
    prompts: { keys: ['p'], does: 'prompts and their maps, or neurons', hint: 'prompts' },
    cursor: { keys: ['c'], does: 'a cursor on the map', hint: 'map', joins: true },
    graph: { keys: ['v'], does: 'the map through the layers', hint: 'layers' },
    zoom: { keys: ['z'], does: 'on the map: one layer, or all', joins: true },
  }),
  /** Wherever an edit is tried. */
  trying: bindings({
    trials: { keys: ['v'], does: 'list all that was tried on this fact', hint: 'trials' },
    undo: { keys: ['u'], does: 'take back what was chosen', hint: 'undo' },
    redo: { keys: ['U', 'ctrl+r'], does: 'choose it again', joins: true },
    again: { keys: ['r'], does: 'try it anew', joins: true },
  }),
  trials: bindings({
    take: { keys: ['enter'], does: 'take the trial: all is as it was chosen then', hint: 'take it' },
    mark: { keys: ['space'], does: 'mark the trial, two at most', hint: 'mark' },
    compare: { keys: ['d'], does: 'compare the two marked trials', hint: 'compare', joins: true },
    close: { keys: ['v'], does: 'back to the step', hint: 'back' },
  }),
  operate: bindings({
    less: { keys: ['left', 'h'], does: 'lower the value, or the one before', hint: 'lower' },
    more: { keys: ['right', 'l'], does: 'raise it, or the next', hint: 'raise', joins: true },
    change: {
      keys: ['enter'],
      does: 'type a word; open a neuron; elsewhere: go on',
      hint: 'open',
    },
    next: { keys: ['n'], does: 'go on to the check', hint: 'go on' },
    tick: { keys: ['space'], does: 'leave the neuron out, or take it in again', hint: 'tick' },
    pane: { keys: ['tab', 'shift+tab'], does: 'go to the probes, or back' },
  }),
  check: bindings({
    apply: { keys: ['enter', 'a'], does: 'apply the edit', hint: 'apply' },
    force: {
      keys: ['f'],
      does: 'apply although something else changed (asks for the word)',
    },
    view: { keys: ['c'], does: 'what changed, the regressions, every probe, or words', hint: 'other rows' },
  }),
  ledger: bindings({
    open: { keys: ['enter', 'right', 'l'], does: 'open the edit', hint: 'open' },
    mark: { keys: ['space'], does: 'mark the edit, two at most', hint: 'mark' },
    compare: { keys: ['d'], does: 'compare the two marked edits', hint: 'compare', joins: true },
    revert: { keys: ['r'], does: 'take the edit back', hint: 'revert' },
    redo: { keys: ['u'], does: 'put it on again (both ask first)', hint: 'redo', joins: true },
    touched: { keys: ['v'], does: 'which edits touch which neurons', hint: 'neurons' },
  }),
  table: bindings({
    filter: { keys: ['/'], does: 'show what has these words alone', hint: 'search' },
    copy: { keys: ['y'], does: 'copy the line', joins: true },
    sort: { keys: ['S'], does: 'sort by the next column', hint: 'sort' },
    turn: { keys: ['R'], does: 'the other way round', joins: true },
    columns: { keys: ['C'], does: 'choose columns', hint: 'columns', joins: true },
  }),
  /** One edit of the ledger. */
  edit: bindings({
    look: { keys: ['enter', 'right', 'l'], does: 'look at its neurons', hint: 'neurons' },
    close: { keys: ['left', 'h'], does: 'back to all edits', hint: 'back', joins: true },
    revert: { keys: ['r'], does: 'take the edit back', hint: 'revert' },
    redo: { keys: ['u'], does: 'put it on again (both ask first)', hint: 'redo', joins: true },
  }),
  /** A report that may be longer than the screen. */
  page: bindings({
    part: { keys: ['tab'], does: 'go to the next part', hint: 'next part' },
    partBefore: { keys: ['shift+tab'], does: 'go to the part before', joins: true },
    copy: { keys: ['y'], does: 'copy the page' },
  }),
  /** Two of a list, side by side. */
  comparison: bindings({
    close: { keys: ['left', 'h'], does: 'back to the list', hint: 'back' },
  }),
  columns: bindings({
    left: { keys: ['left', 'h', 'shift+tab'], does: 'the column before', hint: 'before' },
    right: { keys: ['right', 'l', 'tab'], does: 'the next column', hint: 'next' },
    toggle: { keys: ['space'], does: 'show it, or hide it', hint: 'show or hide' },
    close: { keys: ['enter', 'esc'], does: 'back to the list', hint: 'back' },
  }),
  neuron: bindings({
    before: { keys: ['left', 'h'], does: 'the neuron before', hint: 'before' },
    next: { keys: ['right', 'l'], does: 'the next neuron', hint: 'next', joins: true },
    close: { keys: ['esc'], does: 'back to where it was opened', hint: 'back' },
  }),
  touched: bindings({
    open: { keys: ['enter'], does: 'open the neuron', hint: 'open' },
    close: { keys: ['v', 'left', 'h'], does: 'back to the edits', hint: 'edits', joins: true },
  }),
  graph: bindings({
    open: { keys: ['enter'], does: 'open the neuron', hint: 'open' },
    left: { keys: ['left', 'h'], does: 'the neuron to the left', hint: 'left' },
    right: { keys: ['right', 'l'], does: 'the neuron to the right', hint: 'right' },
    up: { keys: ['up', 'k'], does: 'the layer above', hint: 'up' },
    down: { keys: ['down', 'j'], does: 'the layer below', hint: 'down' },
    close: { keys: ['v'], does: 'back to the lists', hint: 'lists' },
  }),
  models: bindings({
    choose: { keys: ['enter', 'right', 'l'], does: 'load the model', hint: 'load' },
  }),
  question: bindings({
    yes: { keys: ['y'], does: 'yes', hint: 'yes' },
    no: { keys: ['n', 'esc'], does: 'no', hint: 'no' },
  }),
  text: bindings({
    submit: { keys: ['enter'], does: 'take the line', hint: 'take it' },
    cancel: { keys: ['esc'], does: 'leave it as it was', hint: 'leave it' },
    next: { keys: ['tab'], does: 'in a form: take the line, and go on to the next' },
    before: { keys: ['shift+tab'], does: 'in a form: take the line, and go back to the one before' },
    nextProposal: { keys: ['down'], does: 'the next of what is proposed' },
    lastProposal: { keys: ['up'], does: 'the one before, and in the end what was typed' },
    undo: { keys: ['ctrl+_', 'alt+u'], does: 'take the last change back' },
    left: { keys: ['left', 'ctrl+b'], does: 'move left' },
    right: { keys: ['right', 'ctrl+f'], does: 'move right' },
    wordLeft: { keys: ['ctrl+left', 'alt+left', 'alt+b'], does: 'move left by a word' },
    wordRight: { keys: ['ctrl+right', 'alt+right', 'alt+f'], does: 'move right by a word' },
    start: { keys: ['home', 'ctrl+a'], does: 'move to the start' },
    end: { keys: ['end', 'ctrl+e'], does: 'move to the end' },
    cutLeft: { keys: ['backspace'], does: 'take the character before away' },
    cutRight: { keys: ['delete', 'ctrl+d'], does: 'take the character here away' },
    cutWordLeft: {
      keys: ['ctrl+w', 'alt+backspace', 'ctrl+backspace'],
      does: 'take the word before away',
      hint: 'cut the word',
    },
    cutWordRight: { keys: ['alt+d', 'alt+delete', 'ctrl+delete'], does: 'take the word ahead away' },
    cutToStart: { keys: ['ctrl+u'], does: 'take all before away', hint: 'cut to the start' },
    cutToEnd: { keys: ['ctrl+k'], does: 'take all ahead away', hint: 'to the end' },
  }),
};

export type Scope = keyof typeof KEYS;
export type Handlers<S extends Scope> = Partial<Record<keyof (typeof KEYS)[S], (key: string) => void>>;

/** Screens with lists that can be searched, sorted and copied from. */
const WITH_TABLE: readonly Scope[] = ['fact', 'proposals', 'locate', 'trials', 'ledger', 'touched', 'models'];
/** Screens that are one page. */
const WITH_PAGE: readonly Scope[] = ['edit', 'comparison', 'neuron'];
/** Screens on which an edit is tried. */
const WITH_TRIALS: readonly Scope[] = ['operate', 'check'];

/** Keys that are told of together. */
export interface KeyGroup {
  title?: string;
  bindings: Record<string, Binding>;
}

/** All keys of a screen: its own, those of its lists, and those that hold everywhere. */
export function keyGroups(scope: Scope): KeyGroup[] {
  return [
    { bindings: keysOn(scope) },
    ...('up' in KEYS[scope] ? [] : [{ bindings: KEYS.list }]),
    { title: 'everywhere', bindings: KEYS.everywhere },
  ];
}

/** The keys that a screen has for itself. */
export function keysOn(scope: Scope): Record<string, Binding> {
  return {
    ...KEYS[scope],
    ...(WITH_TRIALS.includes(scope) ? KEYS.trying : {}),
    ...(WITH_TABLE.includes(scope) ? KEYS.table : {}),
    ...(WITH_PAGE.includes(scope) ? KEYS.page : {}),
  };
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
