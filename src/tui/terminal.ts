// The terminal itself: the alternate screen, taken at the start and given back however the program ends, and what is drawn
// on it.
import { asciiOf } from '../report/ascii.js';

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

/** Control codes that set no colour. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NO_COLOUR = /\u001b\[[\d;?]*[A-HJKhl]/g;

/**
 * The same terminal, for who draws more than it can show.
 * @param frame is told every frame, as it is written
 */
export function drawnTerminal(
  stream: NodeJS.WriteStream,
  unicode: boolean,
  frame: (text: string) => void,
): NodeJS.WriteStream {
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') {
        return (text: string, ...rest: ((error?: Error | null) => void)[]) => {
          const shown = unicode ? text : asciiOf(text);
          if (shown.includes('\n')) frame(shown);
          return target.write(shown, ...rest); // who ends waits for its last write
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The lines of a frame, with their colours. */
export function linesOf(frame: string): string[] {
  return frame.replace(NO_COLOUR, '').split('\n');
}
