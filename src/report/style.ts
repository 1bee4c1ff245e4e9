// Colour where the terminal has it, and text from outside made safe to print.

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
  /** The character under the cursor of a text field. */
  cursor(text: string): string;
}

const wrap = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string) => text;

const COLOUR: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warn: wrap(33, 39),
  accent: wrap(36, 39),
  cursor: wrap(7, 27),
};

/** No colours: for text that is measured, cut or broken before it is shown. */
export const PLAIN: Style = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  warn: same,
  accent: same,
  cursor: (text) => `▏${text}`,
};

/** Colours for a terminal that has them (`NO_COLOR` and `FORCE_COLOR` are honoured), none for files and pipes. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return stream.isTTY && stream.hasColors() ? COLOUR : PLAIN;
}

/** Text of files, tokens and users with its control and format characters shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
