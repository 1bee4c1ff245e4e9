// The second part of the walk: three trials on the new fact, two of them compared, and one applied.
import { READY, type Walk } from './walk.js';

export async function tryThree({ terminal, show }: Walk): Promise<void> {
  await terminal.press('n');
  await show('the first trial', READY.tried);
  await terminal.press('left', 'down', 'enter', 'Vienna', 'enter');
  await show('the second one, while it is tried', 'above, the last trial');
  await show('the second trial', READY.tried);
  await terminal.press('down', 'down', 'left');
  await terminal.waitFor('above, the last trial');
  await show('the third trial, of fewer neurons', READY.tried);
}

export async function compareTrials({ terminal, show }: Walk): Promise<void> {
  await terminal.press('v', 'down', 'space', 'down', 'space');
  await show('the trials', 'at hand: trial 3');
  await terminal.press('d');
  await show('two trials compared', 'trials 2 and 3');
  await terminal.press('esc');
  await terminal.waitFor('at hand');
}

/** Takes the second trial, and applies it whatever else it changed. */
export async function applyTrial({ terminal, show }: Walk): Promise<void> {
  await terminal.press('g', 'down', 'enter');
  await terminal.waitFor(READY.tried);
  await terminal.press('n');
  await show('what it changed', READY.measured);
  await terminal.press('enter');
  await show('applied', READY.applied);
}
