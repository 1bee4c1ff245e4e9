// Terminals that show no more than ASCII, and what they are shown in place of the characters that are drawn with.
import stringWidth from 'string-width';

/** Whether a terminal shows more than ASCII: its locale says UTF-8, or nothing; one that calls itself dumb does not. */
export function showsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return TERM !== 'dumb' && (locale === '' || /utf-?8/i.test(locale));
}

/** What stands for the characters that frames and pictures are drawn with. */
const ASCII: Record<string, string> = {
  ...{ '─': '-', '│': '|', '→': '>', '←': '<', '↑': '^', '↓': '_', '❯': '>', '›': '>', '‹': '<' },
  ...{ '█': '#', '▓': '#', '▒': '=', '░': '.', '▉': '#', '▊': '#', '▋': '#', '▌': '=', '▍': '-', '▎': '-' },
  ...{
    '▏': '|',
    '…': '~',
    '·': '-',
    '×': 'x',
    '–': '-',
    '●': '*',
    '★': '!',
    '✓': '+',
    '✗': 'x',
    λ: 'L',
    Δ: 'D',
  },
  ...{ '○': 'o', '◆': '+', '■': '@', '▸': '>', '“': '"', '”': '"', '’': "'", '±': '~', '≤': '<' },
  ...{ '⠋': '|', '⠙': '/', '⠹': '-', '⠸': '\\', '⠼': '|', '⠴': '/', '⠦': '-', '⠧': '\\', '⠇': '|', '⠏': '/' },
};

/** What the program draws in ASCII, column for column; other text stays as it is. */
export function asciiDrawing(text: string): string {
  return text.replace(/\P{ASCII}/gu, (character) => signFor(character) ?? character);
}

/** All text in ASCII, column for column; what nothing stands for is a question mark. */
export function asciiOf(text: string): string {
  return asciiDrawing(text).replace(/\P{ASCII}+/gu, (run) => '?'.repeat(stringWidth(run)));
}

/** What stands for a character; a dot for a cell of a line that is drawn in braille dots. */
function signFor(character: string): string | undefined {
  return ASCII[character] ?? (/^[\u2801-\u28ff]$/.test(character) ? '.' : undefined);
}
