// Where a sentence is asked: in the place of the object, or of a word that is not the subject's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../src/random.js';
import { readSet } from '../../src/sets/read.js';
import { readSentences } from '../../src/sets/sentences.js';
import { askedAnywhere, askedForObject, names, unrelatedTo } from '../../src/sweep/relations/cloze.js';

it('masks the object at its first mention that is no part of the subject or of a word', () => {
  const masked = (sentence: string, subject: string, object: string) =>
    askedForObject(sentence, subject, object, false);
  expect(masked('Lima (Peru) is Peru’s Lima.', 'Peru', 'Lima')).toBe('[MASK] (Peru) is Peru’s Lima.');
  expect(masked('Mexico City is in Mexico.', 'Mexico City', 'Mexico')).toBe('Mexico City is in [MASK].');
  expect(masked('Limassol is not in Peru.', 'Peru', 'Lima')).toBeUndefined();
  expect(masked('A C++ (1985) book, by $x.', 'book', 'C++ (1985)')).toBe('A [MASK] book, by $x.');
  expect(masked('Peru: Łódź, Łódź!', 'Peru', 'Łódź')).toBe('Peru: [MASK], Łódź!');
});

it('cuts it before the object for a model that continues text, where the subject stands before that', () => {
  const cut = (sentence: string) => askedForObject(sentence, 'Peru', 'Lima', true);
  expect(cut('Peru has its capital in Lima.')).toBe('Peru has its capital in');
  expect(cut('Lima lies in Peru, and Lima is old.')).toBe('Lima lies in Peru, and');
  expect(cut('Lima lies in Peru.')).toBeUndefined();
});

it('draws unrelated sentences one by one, and no more than it needs', () => {
  const pool = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? `Peru is ${i}.` : `Chile is ${i}.`));
  const drawn = (count: number, subject = 'Peru') => {
    let calls = 0;
    const random = seeded(5);
    const found = unrelatedTo(subject, pool, count, () => {
      calls++;
      return random();
    });
    return { found, calls };
  };
  const { found, calls } = drawn(20);
  expect(new Set(found).size).toBe(20);
  for (const one of found) expect(one).toMatch(/^Chile is \d+\.$/);
  // Half of them name it.
  expect(calls).toBeGreaterThanOrEqual(20);
  expect(calls).toBeLessThan(100);
  expect(drawn(20, 'nobody').calls).toBe(20);
  expect(drawn(5).found).toEqual(found.slice(0, 5));
  expect(drawn(0)).toEqual({ found: [], calls: 0 });
  // Where there are too few: all of them, each once.
  const all = drawn(2000);
  expect(all.calls).toBe(1000);
  expect([...all.found].sort()).toEqual(pool.filter((one) => one.startsWith('Chile')).sort());
});

it('asks for a word at random, never for the subject', () => {
  const sentence = 'New York, they say, is a well-known city of New York.';
  const words = ['they', 'say', 'is', 'a', 'well-known', 'city', 'of'];
  const random = seeded(1);
  const drawn = new Set(
    Array.from({ length: 200 }, () => askedAnywhere(sentence, 'New York', false, random)),
  );
  expect([...drawn].sort()).toEqual(
    words.map((word) => sentence.replace(new RegExp(`\\b${word}\\b`), '[MASK]')).sort(),
  );
  const cut = new Set(Array.from({ length: 200 }, () => askedAnywhere(sentence, 'New York', true, random)));
  expect([...cut].sort()).toEqual(
    words.map((word) => sentence.slice(0, sentence.search(`\\b${word}\\b`)).trim()).sort(),
  );
  const unrelated = Array.from({ length: 50 }, () =>
    askedAnywhere('It rains today.', undefined, true, random),
  );
  expect([...new Set(unrelated)].sort()).toEqual(['It', 'It rains']);
  expect(askedAnywhere('It rains.', 'Peru', false, random)).toBeUndefined();
  expect(askedAnywhere('Peru!', 'Peru', false, random)).toBeUndefined();
});

it('tells a name from a part of a word', () => {
  expect(names('In Peru.', 'Peru')).toBe(true);
  expect(names('Peruvian', 'Peru')).toBe(false);
  expect(names('Anything', '')).toBe(false);
});

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

describe.skipIf(!existsSync(DATA))('BingDistantTREx (beside the repository)', () => {
  it("has the sentences of ParaRel's facts, by their ids", () => {
    const facts = new Map(readSet(join(DATA, 'pararel')).items.map(({ id, fact }) => [id, fact]));
    const bags = readSentences(join(DATA, 'bing-distant'));
    const random = seeded(1);
    let [stated, masked, named, asked] = [0, 0, 0, 0];
    for (const { id, stated: own, named: about } of bags) {
      const fact = facts.get(id);
      if (!fact) throw new Error(`no fact ${id}`);
      stated += own.length;
      masked += own.filter((one) => askedForObject(one, fact.subject, String(fact.object), false)).length;
      named += about.length;
      asked += about.filter((one) => askedAnywhere(one, fact.subject, false, random)).length;
    }
    expect(bags).toHaveLength(272);
    // All but one name the object; some name the subject in other words.
    expect([stated, masked, named, asked]).toEqual([2171, 2170, 2617, 2563]);
  });
});
