// The terminal itself: the alternate screen, taken at the start and given back however the program ends, and what a
// terminal that knows no UTF-8 is shown.
import stringWidth from 'string-width';

/** The alternate screen, empty, marks around what is pasted, and word of the mouse's buttons (SGR). */
const ENTER = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?2004h\u001b[?1000h\u001b[?1006h';
const LEAVE = '\u001b[?1006l\u001b[?1000l\u001b[?2004l\u001b[?25h\u001b[?1049l';

export interface Screen {
  take: () => void;
  /** Gives the ordinary screen back; also happens when the process exits. */
  leave: () => void;
}

/** Takes the alternate screen. */
export function takeScreen(stream: NodeJS.WriteStream): Screen {
  let taken = false;
  const take = () => {
    taken = true;
    stream.write(ENTER);
  };
  const leave = () => {
    if (!taken) return;
    taken = false;
    stream.write(LEAVE);
  };
  process.once('exit', leave);
  take();
  return { take, leave };
}

/** Wipes the screen: after a resize, what an earlier frame left is nobody's. */
export function wipe(stream: NodeJS.WriteStream): void {
  stream.write('\u001b[2J\u001b[H');
}

/** Whether the locale's characters are UTF-8; one that is not named is taken for one that is. */
export function showsUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
}

/** What stands for the characters that frames and pictures are drawn with. */
const ASCII: Record<string, string> = {
  ...{ '─': '-', '│': '|', '→': '>', '←': '<', '↑': '^', '↓': 'v', '❯': '>', '›': '>', '‹': '<' },
  ...{ '█': '#', '▓': '#', '▒': '=', '░': '.', '▉': '#', '▊': '#', '▋': '#', '▌': '=', '▍': '-', '▎': '-' },
  ...{ '▏': '|', '…': '~', '·': '-', '×': 'x', '–': '-', '●': '*', '✓': '+', '✗': 'x', λ: 'L', Δ: 'D' },
  ...{ '⠋': '|', '⠙': '/', '⠹': '-', '⠸': '\\', '⠼': '|', '⠴': '/', '⠦': '-', '⠧': '\\', '⠇': '|', '⠏': '/' },
};

/** Text in ASCII, column for column; what nothing stands for is a question mark. */
export function asciiOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, escape codes too
  return text.replace(/[^\u0000-\u007f]+/gu, (run) =>
    [...new Intl.Segmenter().segment(run)]
      .map(({ segment }) => ASCII[segment] ?? '?'.repeat(stringWidth(segment)))
      .join(''),
  );
}

/** The same terminal, for who draws more than it can show. */
export function asciiTerminal(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') return (text: string) => target.write(asciiOf(text));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
