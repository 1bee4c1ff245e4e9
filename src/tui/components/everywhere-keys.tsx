// The keys that hold on every screen.
import { STEPS } from '../bench.js';
import { useDesk } from '../desk.js';
import { useKeys, usePressed } from '../hooks/keyboard.js';

export interface EverywhereKeysProps {
  help: boolean;
  showHelp: (shown: boolean) => void;
  /** @param interrupted something was running */
  leave: (interrupted: boolean) => void;
}

export function EverywhereKeys({ help, showHelp, leave }: EverywhereKeysProps) {
  const { bench, change, work, stop, tell } = useDesk();
  const quit = () => {
    stop();
    leave(work !== undefined);
  };
  const go = (index: number) => {
    const step = STEPS[index];
    if (step) change({ type: 'go', step });
  };
  const back = () => {
    const at = STEPS.indexOf(bench.step);
    if (help) showHelp(false);
    else if (work) stop();
    else if (bench.step !== 'fact' && bench.step !== 'ledger') go(at - 1); // those two go back within themselves
  };
  // What was said last goes with the next key. Ctrl-C is heard while a text field has all the other keys, too.
  usePressed(({ input, key }) => {
    tell(undefined);
    if (key.ctrl && input === 'c') quit();
  });
  useKeys(
    'everywhere',
    {
      step: (key) => {
        showHelp(false);
        go(Number(key) - 1);
      },
      help: () => showHelp(!help),
      back,
      quit: (key) => key === 'q' && quit(),
    },
    true,
  );
  return null;
}
