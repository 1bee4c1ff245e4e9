// Records of one prompt, as data sets have them, with the wordings of their relations.
import { expect, it } from 'vitest';
import type { SetItem } from '../../src/sets/set.js';
import { withTemplates } from '../../src/sets/templates.js';
import { answerComesLast } from '../../src/spec/prompts.js';

const item: SetItem = {
  id: '6367',
  place: 'record 1',
  fact: {
    subject: 'Croatia',
    relation: 'P37',
    object: 'Croatian',
    prompts: ['The official language of Croatia is'],
  },
  to: 'German',
  probes: { paraphrase: [], neighborhood: [], unrelated: [], portability: [] },
};

it('keeps their own prompt first, and everything else as it is', () => {
  const { fact, ...rest } = withTemplates(item, true);
  const { fact: before, ...same } = item;
  expect(rest).toEqual(same);
  expect(fact.prompts[0]).toBe(before.prompts[0]);
  expect(fact).toEqual({ ...before, prompts: fact.prompts });
});

it('asks a causal model where the object comes last, and a masked one also elsewhere', () => {
  const causal = withTemplates(item, true).fact.prompts;
  const masked = withTemplates(item, false).fact.prompts;
  expect(causal).toHaveLength(5);
  expect(causal.every(answerComesLast)).toBe(true);
  expect(masked).toHaveLength(8);
  expect(masked).toContain('Road signs in [MASK] are the rule in Croatia.');
});

it('leaves a record of a relation that has no wordings alone', () => {
  const unknown = { ...item, fact: { ...item.fact, relation: 'The colour of [X] is' } };
  expect(withTemplates(unknown, false)).toBe(unknown);
});
