// The first part of the walk: a fact is written from what is proposed, located, and one of its neurons opened.
import { READY, type Walk } from './walk.js';

export async function writeFact({ terminal, show }: Walk): Promise<void> {
  await terminal.press('/', 'write a', 'enter', 'enter');
  await terminal.press('Croatia', 'tab', 'capital', 'tab', 'Zag');
  await show('the object, proposed', '↓ its vocabulary: Zagreb');
  await terminal.press('down', 'tab', 'tab', 'esc', 'p');
  await terminal.waitFor(/^(?![\s\S]*\[.\] [^\n]* …\n)[\s\S]*\[ \] [^\n]*%/); // all in sight are answered
  await terminal.press('a');
  await show('prompts, proposed', /❯ \[x\] The capital of/);
  await terminal.press('esc', 'g');
  await show('the fact', /(\d+) of \1 prompts answered with the object/);
}

export async function locateFact({ terminal, show }: Walk): Promise<void> {
  await terminal.press('n');
  await show('located', READY.located);
  await terminal.press('enter');
  await show('a neuron', 'refined: coarse in');
  await terminal.press('end');
  await show('a neuron, its end', /· \d+-(\d+)\/\1/);
  await terminal.press('esc');
}
