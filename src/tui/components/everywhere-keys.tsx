// The keys that hold on every screen.
import { STEPS } from '../bench.js';
import { useDesk } from '../desk.js';
import { useKeys, usePressed, useStrayPaste } from '../hooks/keyboard.js';

/** What can cover the screen. */
export type Over = 'help' | 'models' | 'help of models' | 'palette' | undefined;

/** What the key for help shows, by what is shown. */
const HELP = {
  step: 'help',
  models: 'help of models',
  help: undefined,
  'help of models': 'models',
  palette: undefined,
} satisfies Record<NonNullable<Over> | 'step', Over>;

export interface EverywhereKeysProps {
  /** What covers the screen. */
  over: Over;
  show: (over: Over) => void;
  /** Asks where the edit on the bench is to be saved. */
  save: () => void;
  /** @param interrupted something was running */
  leave: (interrupted: boolean) => void;
  suspend: () => void;
  changeTheme: () => void;
  exportScreen: () => void;
}

export function EverywhereKeys({
  over,
  show,
  save,
  leave,
  suspend,
  changeTheme,
  exportScreen,
}: EverywhereKeysProps) {
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
    if (over) show(over === 'help of models' ? 'models' : undefined);
    else if (work) stop();
    else if (bench.looking) change({ type: 'look', looking: undefined });
    else if (!bench.listing && (bench.step === 'operate' || bench.step === 'check')) go(at - 1); // the others go back within themselves
  };
  // What was said last goes with the next key. These are heard while a text field has all the other keys, too.
  usePressed(({ key }) => {
    tell(undefined);
    if (key === 'ctrl+c') quit();
    if (key === 'ctrl+z') suspend();
  });
  useStrayPaste(() => tell('nothing is being typed here, so what was pasted is ignored'));
  const saving = () => {
    if (bench.edit) save();
    else tell('there is nothing to save yet: choose a fact, or write one');
  };
  useKeys(
    'everywhere',
    {
      step: (key) => {
        show(undefined);
        go(Number(key) - 1);
      },
      help: () => show(HELP[over ?? 'step']),
      palette: () => show(over ? undefined : 'palette'),
      theme: changeTheme,
      save: () => !over && saving(),
      export: exportScreen,
      models: () => show(over === 'models' ? undefined : 'models'),
      back,
      quit: (key) => key === 'q' && quit(),
    },
    true,
  );
  return null;
}
