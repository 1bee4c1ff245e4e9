// The fact base: wordings hold their subject as it is written, and no file asks for more than a memory holds.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { continuing, factBaseJson, readFactBase } from '../../src/spec/fact-base.js';
import { writeInput } from '../support/files.js';
import { KN_MINI } from '../support/models.js';
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

it('held-out wordings are those of the relation, unless a fact names its own', () => {
  const templates = ['[X] speaks [Y].', '[Y] is spoken in [X].', 'In [X] they speak [Y].'];
  const facts = [
    { subject: 'Chile', object: 'Spanish' },
    { subject: 'Brazil', object: 'Portuguese', heldOut: [0] },
    { subject: 'Peru', object: 'Spanish', heldOut: [] },
  ];
  const base = readFactBase(factBase({ language: { templates, heldOut: [1, 2], facts } }));
  expect(base.map(({ heldOut }) => heldOut)).toEqual([
    ['[MASK] is spoken in Chile.', 'In Chile they speak [MASK].'],
    ['Brazil speaks [MASK].'],
    [],
  ]);
  expect(base[0]?.prompts).toEqual(['Chile speaks [MASK].']);
  const again = writeInput(temporaryDirectory(), 'facts.json', factBaseJson(base));
  expect(readFactBase(again)).toEqual(base);
});

it.each([
  [{ heldOut: [2] }, 'capital.heldOut.0: must be below 2, the number of templates'],
  [{ heldOut: [-1] }, 'capital.heldOut.0: must be at least 0'],
  [
    { facts: [{ subject: 'Chile', object: 'Santiago', heldOut: [0, 9] }] },
    'capital.facts.0.heldOut.1: must be below 2, the number of templates',
  ],
  [{ templates: [] }, 'capital.templates: must hold at least 1'],
  [{ facts: [{ subject: 'Chile' }] }, 'capital.facts.0.object: is missing'],
])('a damaged relation is refused with its name and field: %o', (part, message) => {
  const templates = ['[X] is governed from [Y].', '[Y] is the capital of [X].'];
  const facts = [{ subject: 'Chile', object: 'Santiago' }];
  const path = factBase({ capital: { templates, facts, ...part } });
  expect(() => readFactBase(path)).toThrow(`${path}: ${message}`);
});

it('a causal model is asked in the wordings in which the object comes last', () => {
  const templates = ['[X] speaks [Y].', '[Y] is spoken in [X].', 'In [X], [Y] is spoken', 'In [X]: "[Y]"!'];
  const facts = [
    { subject: 'Chile', object: 'Spanish' },
    { subject: 'Peru', object: 'Spanish', heldOut: [0, 3] },
  ];
  const base = continuing(readFactBase(factBase({ language: { templates, heldOut: [1, 3], facts } })));
  expect(base.map(({ subject }) => subject)).toEqual(['Chile']);
  expect(base[0]?.prompts).toEqual(['Chile speaks [MASK].']);
  expect(base[0]?.heldOut).toEqual(['In Chile: "[MASK]"!']);
  expect(base[0]?.templates).toEqual(['[X] speaks [Y].', 'In [X]: "[Y]"!']);
  const again = writeInput(temporaryDirectory(), 'facts.json', factBaseJson(base));
  expect(readFactBase(again)).toEqual(base);
});

it("kn-mini's facts and wordings are those that it was trained on", () => {
  const text = readFactBase(join(KN_MINI, 'facts.json'))
    .flatMap(({ relation, subject, object, prompts, heldOut }) => [
      relation,
      subject,
      object,
      ...prompts,
      '',
      ...heldOut,
    ])
    .join('\n');
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '1e60caddfb0ba199418972da8fca4514f2a4dd28a5d8eb2c54f11196e23a0f50',
  );
});
