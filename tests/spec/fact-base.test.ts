// The fact base: wordings hold their subject as it is written, and no file asks for more than a memory holds.
import { expect, it } from 'vitest';
import { readFactBase } from '../../src/spec/fact-base.js';
import { writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

function factBase(relations: unknown): string {
  return writeInput(temporaryDirectory(), 'facts.json', relations);
}

it.each(['Joey Bada$$', 'A$AP', 'P$&Q', "Rock '$' Roll", "Q $' R", '$`', '$1', '[Y]', '[X]'])(
  'a subject stands in its prompts as it is: %s',
  (subject) => {
    const templates = ['[X] is a [Y].', 'By trade, [X] was a [Y] ([X]).'];
    const facts = [{ subject, object: 'poet', heldOut: [1] }];
    const [fact] = readFactBase(factBase({ occupation: { templates, facts } }));
    expect(fact?.prompts).toEqual([`${subject} is a [MASK].`]);
    expect(fact?.heldOut).toEqual([`By trade, ${subject} was a [MASK] ([X]).`]);
  },
);

it('a small file that asks for endless wordings is refused', () => {
  const templates = Array.from({ length: 10_000 }, (_, i) => `[X] ${i} [Y]`);
  const facts = Array.from({ length: 10_000 }, (_, i) => ({ subject: `s${i}`, object: 'Paris' }));
  const path = factBase({ price: { templates, facts } });
  expect(() => readFactBase(path)).toThrow(`${path}: the wordings of all facts come to over 100000000`);
});
