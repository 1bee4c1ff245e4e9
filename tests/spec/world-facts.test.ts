// The fact base that any model is asked for: every relation can be located by masked and by causal models.
import { expect, it } from 'vitest';
import { type BaseFact, continuing, readFactBase } from '../../src/spec/fact-base.js';
import { distinctPrompts } from '../../src/spec/prompts.js';

const facts = readFactBase(new URL('../../fixtures/facts/world.json', import.meta.url).pathname);
const relations = [...new Set(facts.map(({ relation }) => relation))];
const of = (relation: string, among: readonly BaseFact[] = facts) =>
  among.filter((one) => one.relation === relation);

it('no relation has a subject twice', () => {
  const keys = facts.map(({ relation, subject }) => `${relation}: ${subject.toLowerCase()}`);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});

it('every wording of every fact has its subject and one mask', () => {
  for (const { subject, prompts, heldOut } of facts) {
    for (const prompt of [...prompts, ...heldOut]) {
      expect(prompt).toContain(subject);
      expect(prompt.split('[MASK]')).toHaveLength(2);
      expect(prompt).not.toMatch(/\[X\]|\[Y\]|\s{2}|^\s|\s$/);
    }
  }
});

it.each(relations)(
  'a causal model has at least three wordings to locate %s by, and one held out',
  (relation) => {
    const asked = of(relation, continuing(facts));
    expect(asked).toHaveLength(of(relation).length);
    for (const { prompts, heldOut } of asked) {
      expect(distinctPrompts([...prompts, ...heldOut]).repeated).toEqual([]);
      expect(prompts.length).toBeGreaterThanOrEqual(3);
      expect(heldOut.length).toBeGreaterThanOrEqual(1);
    }
  },
);

it.each(relations)(
  'a masked model is also asked for %s in wordings that go on behind the mask',
  (relation) => {
    const [all] = of(relation);
    const [last] = of(relation, continuing(facts));
    expect(last?.prompts.length).toBeLessThan(all?.prompts.length ?? 0);
  },
);

it.each(relations)('no wording of %s holds an answer', (relation) => {
  const objects = new Set(of(relation).map(({ object }) => object));
  for (const template of of(relation)[0]?.templates ?? []) {
    const words = template.match(/[\p{L}']+/gu) ?? [];
    expect(words.filter((word) => objects.has(word) && word !== 'X' && word !== 'Y')).toEqual([]);
  }
});

it.each(relations)('%s has at least two objects, none of them with a blank around it', (relation) => {
  const objects = new Set(of(relation).map(({ object }) => object));
  expect(objects.size).toBeGreaterThan(1);
  for (const object of objects) expect(object).toBe(object.trim());
});
