// What a terminal sends, as keys by their names and as pasted texts. Node's own decoder takes it apart: it knows the
// modifiers, and whatever else arrives is a key without a name, which nobody listens to.
import { createInterface, emitKeypressEvents, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { mouseFilter, type Place } from './mouse.js';

export interface Pressed {
  /** `up`, `ctrl+c`, `alt+left`, `space`, `a`; empty for what was pasted. */
  key: string;
  /** What it writes; empty for keys that write nothing. Only pasted text holds line breaks. */
  text: string;
  pasted: boolean;
  /** Where the mouse clicked; its key is `click`. */
  at?: Place;
  /** For a key with alt: a terminal sends the same for esc and the key after it, when they come together. */
  apart?: readonly Pressed[];
}

/** An escape code that stands alone for this long is the esc key. */
const ESCAPE_MS = 30;

/** Lines that a turn of the wheel moves by. */
const LINES = 3;

/** Node's names, where the table of keys has other ones. */
const NAMES: Record<string, string> = { return: 'enter', escape: 'esc' };
/** Keys that write nothing. */
const SILENT = new Set([
  ...['up', 'down', 'left', 'right', 'home', 'end', 'pageup', 'pagedown'],
  ...['enter', 'esc', 'tab', 'backspace', 'delete'],
]);
/** What no text may hold: control characters, and halves of characters. */
const CONTROL = /[\p{Cc}\p{Cs}]/gu;

/**
 * Reads keys from a terminal, in raw mode.
 * @returns ends that, and gives the terminal's mode back
 */
export function listenToKeys(stdin: NodeJS.ReadStream, onPressed: (pressed: Pressed) => void): () => void {
  let pasted: string | undefined;
  const listener = (text: string | undefined, key: Key) => {
    if (key.name === 'paste-start') pasted = '';
    else if (key.name === 'paste-end') {
      if (pasted !== undefined) onPressed({ key: '', text: cleaned(pasted), pasted: true });
      pasted = undefined;
    } else if (pasted !== undefined) pasted += key.sequence ?? '';
    else onPressed(named(text ?? '', key));
  };
  // The decoder asks a line editor how long it should wait for the rest of an escape code; this one edits nothing.
  const patience = createInterface({ input: new PassThrough(), escapeCodeTimeout: ESCAPE_MS });
  const keys = new PassThrough();
  emitKeypressEvents(keys, patience);
  keys.on('keypress', listener);
  const withoutMouse = mouseFilter((moved) => {
    if ('wheel' in moved) for (let i = 0; i < LINES; i++) onPressed(silent(moved.wheel));
    else onPressed({ ...silent('click'), at: moved.click });
  });
  const characters = new StringDecoder('utf8');
  const take = (piece: Buffer | string) => {
    keys.write(withoutMouse(typeof piece === 'string' ? piece : characters.write(piece)));
  };
  stdin.setRawMode(true);
  stdin.on('data', take).resume();
  return () => {
    stdin.off('data', take).pause();
    stdin.setRawMode(false);
    patience.close();
  };
}

/** A key by the name that the table of keys has for it. */
export function named(text: string, { name = '', ctrl, meta, shift, sequence = '' }: Key): Pressed {
  const base = NAMES[name] ?? name;
  if (base === 'esc') return ESC;
  if (sequence === UNDO) return silent('ctrl+_');
  if (ctrl) return silent(`ctrl+${base}`);
  if (meta) {
    const [first, ...rest] = sequence;
    const together = first === ESCAPE && (rest.length === 1 || rest[0] === ESCAPE);
    const alone = named(rest.length === 1 ? rest.join('') : '', { name, shift });
    return { ...silent(`alt+${base}`), ...(together && { apart: [ESC, alone] }) };
  }
  if (SILENT.has(base)) return silent(base === 'tab' && shift ? 'shift+tab' : base);
  const written = text.replace(CONTROL, '');
  return { key: written === ' ' ? 'space' : written, text: written, pasted: false };
}

const ESCAPE = '\u001b';
/** What Ctrl-_ sends, and on many keyboards Ctrl-/. */
const UNDO = '\u001f';
const silent = (key: string): Pressed => ({ key, text: '', pasted: false });
const ESC = silent('esc');

/** Pasted text without its colours and other control sequences; every line break is "\n", every tab a blank. */
function cleaned(text: string): string {
  const lines = stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(/\t/g, ' ').split('\n');
  return lines.map((line) => line.replace(CONTROL, '')).join('\n');
}
