// Colour and links where the terminal has them, and text from outside made safe to print.
import { asciiDrawing, showsUnicode } from './ascii.js';
import { fileLink, LINK, showsLinks } from './links.js';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
  /** The character under the cursor of a text field. */
  cursor(text: string): string;
  /** A path of a file, safe to print; a link to it. */
  file(path: string): string;
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  accent: [36, 39],
  cursor: [7, 27],
} as const;

/** Blue and yellow differ for every eye, and what is bad stands out without a colour. */
const SAFE = { ...CODES, good: [94, 39], bad: [7, 27] } as const;

/** `safe`: for eyes that do not tell red from green. */
export const THEMES = ['ordinary', 'safe'] as const;
export type Theme = (typeof THEMES)[number];

const code = (number: number) => `\u001b[${number}m`;
/** A style goes on behind one within it that ends with the same code, as bold does behind dim. */
const wrap = ([open, close]: readonly [number, number]) => {
  const ends = code(close);
  return (text: string) => `${code(open)}${text.replaceAll(ends, ends + code(open))}${ends}`;
};
const same = (text: string) => text;

const coloured = (codes: { [name in keyof typeof CODES]: readonly [number, number] }): Style => ({
  bold: wrap(codes.bold),
  dim: wrap(codes.dim),
  good: wrap(codes.good),
  bad: wrap(codes.bad),
  warn: wrap(codes.warn),
  accent: wrap(codes.accent),
  cursor: wrap(codes.cursor),
  file: (path) => printable(path),
});

const COLOURS: Record<Theme, Style> = { ordinary: coloured(CODES), safe: coloured(SAFE) };

/** No colours: for text that is measured, cut or broken before it is shown. */
export const PLAIN: Style = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  warn: same,
  accent: same,
  cursor: (text) => `▏${text}`,
  file: (path) => printable(path),
};

/** Colours and links for a terminal that has them (`NO_COLOR` and `FORCE_COLOR` are honoured), none for files and pipes. */
export function styleFor(stream: NodeJS.WriteStream, theme: Theme = 'ordinary'): Style {
  if (!hasColours(stream)) return PLAIN;
  const style = COLOURS[theme];
  if (!showsLinks(process.env)) return style;
  return { ...style, file: (path) => fileLink(path, printable(path)) };
}

function hasColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.hasColors();
}

/**
 * What a terminal obeys instead of showing it: control and format characters, and those that no version of Unicode
 * knows yet. The joiners are letters' business: without them a word of Persian, or an emoji, is another one.
 */
const HIDDEN = '(?![\\u200c\\u200d])[\\p{C}\\p{Zl}\\p{Zp}]';
const hidden = new RegExp(HIDDEN, 'gu');
const ownCodes = new Set([CODES, SAFE].flatMap(Object.values).flat().map(code));
const ownLink = new RegExp(`^${LINK}$`, 'u');
const hiddenOrCode = new RegExp(`\\u001b\\[\\d{1,2}m|${LINK}|${HIDDEN}`, 'gu');
const hiddenInJson = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Characters that everybody knows by other names: a line break is the top answer of many a model. */
const NAMED = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const visible = (character: string) =>
  NAMED.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Text of files, tokens and users with its control and format characters shown, not obeyed. It stays on its line. */
export function printable(text: string): string {
  return text.replace(hidden, visible);
}

/** The same for text that holds colours and links of a `Style`, which stay. */
export function printableCell(text: string): string {
  return text.replace(hiddenOrCode, (found) => {
    return ownCodes.has(found) || ownLink.test(found) ? found : found.replace(hidden, visible);
  });
}

/** Lines of text as they may reach a stream: whatever is in them, the terminal obeys nothing but its own colours. */
export function printableLines(text: string, stream: NodeJS.WriteStream): string {
  const drawn = stream.isTTY && !showsUnicode(process.env) ? asciiDrawing(text) : text;
  return drawn
    .split('\n')
    .map(hasColours(stream) ? printableCell : printable)
    .join('\n');
}

/** A message on one line, however many it had. */
export function oneLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return printable(lines.filter(Boolean).join(' '));
}

/** A value as one JSON document in which nothing is left that a terminal obeys. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(hiddenInJson, (found) =>
    Array.from({ length: found.length }, (_, i) => {
      return `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
