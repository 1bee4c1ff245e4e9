// The relations that have wordings of our own: every model can be asked for each, and each is found by what it is called.
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { InputError } from '../../src/errors.js';
import { readFactBase } from '../../src/spec/fact-base.js';
import { answerComesLast, distinctPrompts, wordOverlap } from '../../src/spec/prompts.js';
import {
  expectRelation,
  findRelation,
  promptsFor,
  relationSchema,
  relations,
} from '../../src/spec/relations.js';

const fixture = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;

describe('the relations', () => {
  test('are at least forty, in the order of their ids, and each has its names for itself', () => {
    const all = relations();
    expect(all.length).toBeGreaterThanOrEqual(40);
    const numbers = all.map(({ id }) => Number(id.slice(1)));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    for (const one of all) {
      for (const name of [one.id, one.label, ...one.names]) expect(findRelation(name), name).toBe(one);
    }
  });

  it.each(relations().map((one) => [one.id, one]))(
    '%s can be asked of masked and of causal models',
    (_, one) => {
      const prompts = promptsFor(one.templates, 'Xanthippe', false);
      expect(distinctPrompts(prompts).repeated).toEqual([]);
      const continuing = promptsFor(one.templates, 'Xanthippe', true);
      expect(continuing.length).toBeGreaterThanOrEqual(3);
      expect(continuing).toEqual(prompts.filter(answerComesLast));
      expect(prompts.length - continuing.length).toBeGreaterThanOrEqual(3);
      for (const prompt of prompts) {
        expect(prompt.split('[MASK]')).toHaveLength(2);
        expect(prompt.split('Xanthippe')).toHaveLength(2);
        expect(prompt).not.toMatch(/\[X\]|\[Y\]|\s{2}|^\s|\s$/);
      }
      // They are different prompts, not one in other words.
      expect(wordOverlap(prompts, ['Xanthippe'])).toBeLessThan(0.35);
    },
  );

  it.each(['kn-mini/facts.json', 'facts/world.json'])('include those of %s', (name) => {
    const names = new Set(readFactBase(fixture(name)).map(({ relation }) => relation));
    for (const one of names) expect(findRelation(one), one).toBeDefined();
    expect(findRelation('language')?.id).toBe('P37');
  });

  test('are found however they are written; a misspelt one is asked about', () => {
    expect(findRelation('  Place_of BIRTH ')?.id).toBe('P19');
    expect(findRelation('p36')?.id).toBe('P36');
    expect(() => expectRelation('captial')).toThrow('did you mean "capital"?');
    expect(() => expectRelation('favourite colour of the aunt')).toThrow(InputError);
  });

  test('are checked when they are read: a wording without its subject is refused', () => {
    const [first] = z.array(z.unknown()).parse(JSON.parse(readFileSync(fixture('relations.json'), 'utf8')));
    expect(relationSchema.safeParse(first).success).toBe(true);
    const broken = { ...z.looseObject({}).parse(first), templates: ['The capital is [Y].'] };
    expect(relationSchema.safeParse(broken).success).toBe(false);
  });
});

describe('the overlap of words', () => {
  test('is the mean over all pairs of prompts of shared words to all words', () => {
    // {the capital of is}, {the city of is}: 3 of 5; each and {go to}: none. (3/5 + 0 + 0) / 3
    const prompts = [
      'The capital of France is [MASK].',
      'the city of France is [MASK]',
      '[MASK]: go to France!',
    ];
    expect(wordOverlap(prompts, ['France', 'Paris'])).toBeCloseTo(0.2, 12);
  });

  test('is 1 of a single prompt and of one that is repeated, 0 of prompts that share nothing', () => {
    expect(wordOverlap(['One [MASK].'], [])).toBe(1);
    expect(wordOverlap(['One two [MASK].', 'two, ONE [MASK]'], [])).toBe(1);
    expect(wordOverlap(['One [MASK].', 'Two [MASK].'], [])).toBe(0);
  });

  test('counts words of scripts without blanks between them', () => {
    const overlap = wordOverlap(['法国的首都是[MASK]。', '法国的首都叫[MASK]。'], ['法国']);
    expect(overlap).toBeGreaterThan(0);
    expect(overlap).toBeLessThan(1);
  });
});
