// The built program in a real terminal: a pty, and an emulator that keeps the screen as a person would see it.
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { MAIN } from './cli.js';

export interface Size {
  columns: number;
  rows: number;
}

export interface TerminalOptions extends Partial<Size> {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Another program than ours; the arguments are its own. */
  program?: string;
}

const WAIT_MS = 60_000;
const POLL_MS = 5;
/** What stands around a frame (synchronized output): it is whole once its end has come. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l'];

/** Keys by their names; everything else is typed as it is. */
const KEYS: Record<string, string> = {
  enter: '\r',
  esc: '\u001b',
  space: ' ',
  tab: '\t',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pagedown: '\u001b[6~',
  end: '\u001b[F',
  backspace: '\u007f',
  'ctrl+c': '\u0003',
  'ctrl+u': '\u0015',
  'ctrl+z': '\u001a',
};

export class Terminal {
  private readonly process: pty.IPty;
  readonly emulator: xterm.Terminal;
  /** When each piece of output came, in milliseconds since the start. */
  readonly frames: number[] = [];
  /** All that was written, as it came. */
  output = '';
  /** Pieces of it that the emulator has not drawn yet. */
  private undrawn = 0;
  private exit: { code: number } | undefined;
  private readonly started = performance.now();

  constructor(args: readonly string[], { cwd, env, program, columns = 80, rows = 24 }: TerminalOptions) {
    this.emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    const neutral = { KN_EDIT_DB: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
    const settings = { XDG_CONFIG_HOME: '/dev/null' }; // where nothing can be remembered
    const paging = { PAGER: undefined, NO_PAGER: undefined, LESS: undefined };
    const all = { ...process.env, ...neutral, ...paging, ...settings, TERM: 'xterm-256color', ...env };
    this.process = pty.spawn(program ?? process.execPath, program ? [...args] : [MAIN, ...args], {
      cols: columns,
      rows,
      cwd,
      env: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    });
    this.process.onData((data) => {
      this.frames.push(performance.now() - this.started);
      this.output += data;
      this.undrawn++;
      this.emulator.write(data, () => this.undrawn--);
    });
    this.process.onExit(({ exitCode }) => {
      this.exit = { code: exitCode };
    });
  }

  /** The screen's lines, without the blanks at their ends. */
  lines(): string[] {
    const buffer = this.emulator.buffer.active;
    return Array.from(
      { length: this.emulator.rows },
      (_, y) => buffer.getLine(y)?.translateToString(true) ?? '',
    );
  }

  screen(): string {
    return this.lines().join('\n');
  }

  /** Presses keys, one after the other, each once the screen had time to answer. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await rest(40);
      this.process.write(KEYS[key] ?? key);
      await rest(40);
    }
  }

  /** Presses keys all at once, as a held key does, or a program that is busy when they come. */
  burst(...keys: string[]): void {
    this.process.write(keys.map((key) => KEYS[key] ?? key).join(''));
  }

  /** Pastes a text, with the marks that a terminal puts around it. */
  async paste(text: string): Promise<void> {
    await this.press(`\u001b[200~${text}\u001b[201~`);
  }

  /** Whether the screen shows all that was written, and no frame of which the rest is still to come. */
  private get isDrawn(): boolean {
    return this.undrawn === 0 && this.output.lastIndexOf(BEGIN) <= this.output.lastIndexOf(END);
  }

  /** Waits until the screen shows something. @throws with the screen as it is when it does not */
  async waitFor(what: string | RegExp, milliseconds = WAIT_MS): Promise<void> {
    const shown = () => (typeof what === 'string' ? this.screen().includes(what) : what.test(this.screen()));
    const end = performance.now() + milliseconds;
    while (!this.isDrawn || !shown()) {
      if (performance.now() > end || (this.exit && this.undrawn === 0)) {
        throw new Error(
          `the screen never showed ${what}${this.exit ? ' (it ended)' : ''}:\n${this.screen()}`,
        );
      }
      await rest(POLL_MS);
    }
  }

  /** Waits until the program ends. @returns its exit code */
  async ended(milliseconds = WAIT_MS): Promise<number> {
    const end = performance.now() + milliseconds;
    while (!this.exit || this.undrawn > 0) {
      if (performance.now() > end) throw new Error(`the program does not end:\n${this.screen()}`);
      await rest(POLL_MS);
    }
    return this.exit.code;
  }

  resize({ columns, rows }: Size): void {
    this.emulator.resize(columns, rows);
    this.process.resize(columns, rows);
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Whether the terminal is as a shell needs it: the ordinary screen, with a cursor. */
  given(): { ordinaryScreen: boolean; cursorShown: boolean } {
    return {
      ordinaryScreen: this.emulator.buffer.active.type === 'normal',
      cursorShown: this.output.lastIndexOf('\u001b[?25h') > this.output.lastIndexOf('\u001b[?25l'),
    };
  }

  close(): void {
    if (!this.exit) this.process.kill('SIGKILL');
    this.emulator.dispose();
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
