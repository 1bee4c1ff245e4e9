// The third part of the walk: a second edit is applied, both are compared in the ledger, and the second is taken back.
import { READY, type Walk } from './walk.js';

/** The example edit goes through all steps. */
export async function applyExample({ terminal, show }: Walk): Promise<void> {
  await terminal.press('1', '/', 'ctrl+u', 'fix-cur', 'enter');
  await show('an example', /8 of 8 prompts/);
  for (const [title, ready] of Object.entries(READY).slice(0, -1)) {
    await terminal.press('n');
    await show(`the example, ${title}`, ready);
  }
  await terminal.press('enter');
  await show('the ledger', 'applied as edit 2');
}

export async function compareEdits({ terminal, show }: Walk): Promise<void> {
  await terminal.press('space', 'down', 'space', 'd');
  await show('two edits compared', 'edits 2 and 1');
  await terminal.press('end');
  await show('two edits compared, the end', /· \d+-(\d+)\/\1|\d+-(\d+)\/\2/);
  await terminal.press('esc', 'v');
  await show('neurons x edits', 'neurons of 2 applied edits');
  await terminal.press('v');
}

export async function revertEdit({ terminal, show }: Walk): Promise<void> {
  await terminal.press('g', 'r');
  await show('whether to take it back', 'back?');
  await terminal.press('y');
  await show('taken back', 'edit 2 reverted');
}
