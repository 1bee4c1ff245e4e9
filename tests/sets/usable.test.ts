// What of a set a model can be asked for: each reason on a model that has it.
import { describe, expect, it } from 'vitest';
import type { SetItem } from '../../src/sets/set.js';
import type { ProbeSpec } from '../../src/spec/edit-file.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';

interface Given {
  subject?: string;
  object?: string;
  prompts?: string[];
  to?: string;
  alsoTrue?: string[];
  unrelated?: ProbeSpec[];
}

function items(...given: Given[]): SetItem[] {
  return given.map(
    ({ subject = 'Peru', object = 'Lima', prompts = ['Peru is governed from'], ...rest }, i) => {
      const { unrelated = [], ...asked } = rest;
      return {
        id: `${i}`,
        place: `record ${i + 1}`,
        fact: { subject, relation: 'capital', object, prompts },
        ...asked,
        probes: { paraphrase: [], neighborhood: [], unrelated, portability: [] },
      };
    },
  );
}

const judged = (model: string, all: SetItem[], edit = false) =>
  withSession(model, (session) => session.usable(all, { edit }));

describe('a model that fills masks', () => {
  const model = goldenDirectory('roberta');

  it('is not asked questions; prefixes are given a mask', async () => {
    const all = items(
      { prompts: ['What is the capital of Peru?'] },
      {
        prompts: [
          'The capital of Peru is',
          'Which city governs Peru? ',
          '[MASK] governs Peru.',
          'Is it [MASK]?',
        ],
      },
      {
        unrelated: [
          { prompt: 'nq question: who sang', expect: 'Cher' },
          { prompt: 'Cusco lies in', expect: 'Peru' },
        ],
      },
    );
    const { usable, refused, leftOut } = await judged(model, all);
    const reason = 'prompts: a question, which a model that fills masks is not asked';
    expect(refused).toEqual([{ id: '0', place: 'record 1', reason }]);
    expect(usable.map(({ id, fact }) => [id, ...fact.prompts])).toEqual([
      ['1', 'The capital of Peru is [MASK].', '[MASK] governs Peru.', 'Is it [MASK]?'],
      ['2', 'Peru is governed from [MASK].'],
    ]);
    expect(usable[1]?.probes.unrelated).toEqual([{ prompt: 'Cusco lies in [MASK].', expect: 'Peru' }]);
    expect(leftOut).toEqual([
      { reason, count: 1 },
      { reason: reason.replace('prompts', 'probes'), count: 1 },
    ]);
  });

  it('is asked for one answer at a time', async () => {
    const [item] = items({ prompts: ['[MASK] and [MASK] govern Peru.', '[MASK] governs Peru.'] });
    if (!item) throw new Error('no item');
    const negativePrompts = ['What is it?', 'The weather is'];
    const { usable, leftOut } = await judged(model, [{ ...item, fact: { ...item.fact, negativePrompts } }]);
    expect(usable[0]?.fact).toMatchObject({
      prompts: ['[MASK] governs Peru.'],
      negativePrompts: ['The weather is [MASK].'],
    });
    expect(leftOut).toEqual([
      { reason: 'prompts: more than one [MASK]', count: 1 },
      { reason: 'negative prompts: a question, which a model that fills masks is not asked', count: 1 },
    ]);
  });

  it('takes so many tokens', async () => {
    const { refused } = await judged(model, items({ prompts: [`${'Peru '.repeat(1000)} [MASK]`] }));
    expect(refused[0]?.reason).toBe('prompts: more tokens than the model takes');
  });
});

describe('a model that continues text', () => {
  const model = goldenDirectory('gpt2');

  it('sees nothing behind the answer', async () => {
    const all = items(
      { prompts: ['[MASK] is the capital of Peru.'] },
      { prompts: ['From [MASK] they govern Peru.'] },
      { prompts: ['The capital of Peru is [MASK].', 'From [MASK] they govern Peru.', 'What governs Peru?'] },
    );
    const { usable, refused, leftOut, notes } = await judged(model, all);
    expect(refused.map(({ id, reason }) => [id, reason])).toEqual([
      ['0', 'prompts: no text before the answer, which a model that continues text needs'],
      ['1', 'prompts: text behind the answer, which a model that continues text does not see'],
    ]);
    expect(usable.map(({ fact }) => fact.prompts)).toEqual([
      ['The capital of Peru is [MASK].', 'What governs Peru?'],
    ]);
    expect(leftOut).toEqual([
      { reason: 'prompts: text behind the answer, which a model that continues text does not see', count: 1 },
    ]);
    expect(notes).toEqual([{ reason: 'an object of several tokens', count: 1 }]);
  });

  it('has tokens that merge with the answer', async () => {
    const all = items(
      { prompts: ['Peru is one of the Sta[MASK]'], object: 'tes' },
      { prompts: ['Peru is one of the Sta[MASK]'], object: ' Lima', to: 'tes' },
    );
    const reason = 'prompts: an end that merges with the answer';
    const located = await judged(model, all);
    expect(located.refused.map((one) => [one.id, one.reason])).toEqual([['0', reason]]);
    const edited = await judged(model, all, true);
    expect(edited.refused.map((one) => [one.id, one.reason])).toEqual([
      ['0', reason],
      ['1', reason],
    ]);
  });
});

describe('a vocabulary of words', () => {
  const prompts = ['The capital of Peru is [MASK].'];

  it('lacks objects, new answers and words of prompts', async () => {
    const all = items(
      { prompts },
      { prompts, object: 'Xyzzyville' },
      { prompts: ['The capital of Xyzzyland is [MASK].'] },
      { prompts, to: 'Xyzzyville' },
    );
    const unknown = "outside the model's vocabulary";
    const located = await judged(KN_MINI, all);
    expect(located.refused.map(({ id, reason }) => [id, reason])).toEqual([
      ['1', `an answer ${unknown}`],
      ['2', `prompts: words ${unknown}`],
    ]);
    expect(located.usable.map(({ id }) => id)).toEqual(['0', '3']);
    const edited = await judged(KN_MINI, all, true);
    expect(edited.refused.at(-1)).toEqual({ id: '3', place: 'record 4', reason: `a new answer ${unknown}` });
  });

  it('several true objects are no matter for locating, but for editing', async () => {
    const all = items(
      { prompts },
      { prompts, object: 'Quito' },
      { prompts, subject: 'Chile', object: 'Santiago', alsoTrue: ['Valparaiso'] },
      { prompts, subject: 'Cuba', object: 'Havana' },
    );
    const located = await judged(KN_MINI, all);
    expect(located.usable).toHaveLength(4);
    expect(located.notes).toEqual([{ reason: 'several true objects', count: 3 }]);
    const edited = await judged(KN_MINI, all, true);
    expect(edited.usable.map(({ id }) => id)).toEqual(['3']);
    expect(edited.refused.map(({ reason }) => reason)).toEqual(Array(3).fill('several true objects'));
  });

  it('every fact that the model was trained on can be asked', async () => {
    const { readSet } = await import('../../src/sets/read.js');
    const all = readSet(`${KN_MINI}/facts.json`).items;
    const { usable, refused, leftOut, notes } = await judged(KN_MINI, all, true);
    expect([usable, refused, leftOut, notes]).toEqual([all, [], [], []]);
  });
});
