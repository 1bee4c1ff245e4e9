// Counterfacts: a new object of the same relation that is true of nothing the subject has, neighbours in their order.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterfacts } from '../../../src/bench/real/counterfacts.js';
import { type BaseFact, readFactBase } from '../../../src/spec/fact-base.js';
import { KN_MINI } from '../../support/models.js';

const facts = readFactBase(join(KN_MINI, 'facts.json'));
const objects = new Map<string, Set<string>>();
for (const { relation, object } of facts) {
  objects.set(relation, (objects.get(relation) ?? new Set()).add(object));
}

function fact(subject: string, object: string, relation = 'language'): BaseFact {
  return { relation, subject, object, prompts: [], heldOut: [], templates: [] };
}

describe('the facts of kn-mini', () => {
  const records = counterfacts(facts, 1);

  it('have a record each, in their order, with a wrong object of their relation', () => {
    expect(records.map((record) => record.fact)).toEqual(facts);
    for (const { fact, to } of records) {
      expect(to).not.toBe(fact.object);
      expect(objects.get(fact.relation)).toContain(to);
    }
  });

  it('have ten neighbours each, those with the same object first, none twice', () => {
    for (const { fact, neighbours } of records) {
      expect(neighbours).toHaveLength(10);
      expect(new Set(neighbours).size).toBe(10);
      expect(neighbours.every(({ relation }) => relation === fact.relation)).toBe(true);
      expect(neighbours.map(({ subject }) => subject)).not.toContain(fact.subject);
      const same = facts.filter(
        (one) => one.relation === fact.relation && one.object === fact.object && one !== fact,
      );
      const first = Math.min(10, same.length);
      expect(neighbours.slice(0, first).every(({ object }) => object === fact.object)).toBe(true);
    }
  });

  it('have the same records from the same seed, others from another', () => {
    expect(counterfacts(facts, 1)).toEqual(records);
    const differ = counterfacts(facts, 2).filter(({ to }, i) => to !== records[i]?.to);
    expect(differ.length).toBeGreaterThan(records.length / 2);
  });
});

it('a subject with two objects is given neither of them, and is no neighbour of itself', () => {
  const three = [fact('Canada', 'English'), fact('Canada', 'French'), fact('Chile', 'Spanish')];
  const [first, second, third] = counterfacts(three, 1);
  expect([first?.to, second?.to]).toEqual(['Spanish', 'Spanish']);
  expect(first?.neighbours).toEqual([three[2]]);
  expect(['English', 'French']).toContain(third?.to);
});

it('where a relation has no other object there is no record', () => {
  const lone = [fact('Japan', 'yen', 'currency'), fact('Chile', 'Spanish'), fact('Peru', 'Spanish')];
  expect(counterfacts(lone, 1)).toEqual([]);
  expect(counterfacts([], 1)).toEqual([]);
});
