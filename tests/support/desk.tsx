// A desk for components that are tested alone: no session, no colours.
import { render } from 'ink-testing-library';
import type { ReactNode } from 'react';
import { styleFor } from '../../src/report/style.js';
import { EMPTY } from '../../src/tui/bench.js';
import { type Desk, DeskContext } from '../../src/tui/desk.js';
import { KeyboardProvider } from '../../src/tui/hooks/keyboard.js';

/** Of the event loop: keys are handed out one a turn, and drawn, however slow the machine is. */
const TURNS = 50;

const DESK: Desk = {
  style: styleFor({ isTTY: false } as NodeJS.WriteStream),
  session: undefined,
  model: undefined,
  bench: EMPTY,
  located: undefined,
  misfit: undefined,
  change: () => {},
  work: undefined,
  run: async () => undefined,
  stop: () => {},
  cover: () => {},
  shown: { current: undefined },
  tell: () => {},
  edits: [],
  refresh: () => [],
  tried: [],
  elsewhere: 0,
  trial: undefined,
  last: undefined,
  again: () => {},
};

export interface AtDesk {
  lastFrame: () => string | undefined;
  /** Types keys, each as a chunk of its own; a chunk may hold many. */
  type: (...chunks: string[]) => Promise<void>;
}

/** Renders a component at a desk. */
export function renderAtDesk(component: ReactNode, desk: Partial<Desk> = {}): AtDesk {
  const { stdin, lastFrame } = render(
    <KeyboardProvider>
      <DeskContext.Provider value={{ ...DESK, ...desk }}>{component}</DeskContext.Provider>
    </KeyboardProvider>,
  );
  const type = async (...chunks: string[]) => {
    for (const chunk of ['', ...chunks]) {
      if (chunk) stdin.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 60)); // longer than esc waits for more
      for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { lastFrame, type };
}
