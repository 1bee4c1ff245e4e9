// The keys wherever an edit is tried: the list of trials, undo and redo of what was chosen, and the trial once more.
import { useDesk } from '../desk.js';
import { useKeys } from './keyboard.js';

export function useChoices(active: boolean): void {
  const { bench, change, tell, again } = useDesk();
  const { edit, choices } = bench;
  useKeys(
    'trying',
    {
      trials: () => edit && change({ type: 'list', shown: true }),
      undo: () => {
        if (choices.past.length > 0) change({ type: 'take back' });
        else tell('nothing was chosen before');
      },
      redo: () => {
        if (choices.undone.length > 0) change({ type: 'choose again' });
        else tell('nothing was taken back');
      },
      again,
    },
    active,
  );
}
