// Records of facts: what is read of each format, and what is drawn for those that leave something out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromCounterfact, readSource, split } from '../../../src/bench/real/records.js';
import { seeded } from '../../../src/random.js';
import { KN_MINI } from '../../support/models.js';

const directory = mkdtempSync(join(tmpdir(), 'kn-edit-records-'));
afterAll(() => rmSync(directory, { recursive: true }));

function fileOf(value: unknown): string {
  const path = join(directory, 'records.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
}

describe('a file of', () => {
  it("EasyEdit's: neighbours share the true answer unless they have one", () => {
    const locality = [{ prompt: 'The mother tongue of Léon Blum is' }, { prompt: 'x is', ground_truth: 'y' }];
    const record = {
      prompt: 'The mother tongue of Danielle Darrieux is',
      subject: 'Danielle Darrieux',
      target_new: 'English',
      ground_truth: 'French',
      rephrase_prompt: 'Danielle Darrieux, a native',
      locality,
    };
    const [read] = readSource(fileOf({ records: [record] })).records;
    expect(read).toMatchObject({ truth: 'French', next: 'English', paraphrases: [record.rephrase_prompt] });
    expect(read?.neighbours?.map(({ truth }) => truth)).toEqual(['French', 'y']);
  });

  it("ROME's", () => {
    const [read] = readSource(
      fileOf([
        {
          requested_rewrite: {
            prompt: '{} was born in',
            subject: 'A. $& B.',
            relation_id: 'P19',
            target_new: { str: 'Rome' },
            target_true: { str: 'Paris' },
          },
          paraphrase_prompts: ['p'],
          neighborhood_prompts: ['n'],
        },
      ]),
    ).records;
    expect(read).toEqual({
      prompt: 'A. $& B. was born in',
      subject: 'A. $& B.',
      relation: 'P19',
      truth: 'Paris',
      next: 'Rome',
      paraphrases: ['p'],
      neighbours: [{ prompt: 'n', truth: 'Paris' }],
    });
  });

  it("ROME's known facts: wordings of a relation are those of its facts", () => {
    const { facts } = readSource(
      fileOf([
        { subject: 'Zoom', attribute: 'Yahoo', prompt: 'Zoom is owned by', relation_id: 'P127' },
        { subject: 'Beats', attribute: 'Apple', prompt: 'The owner of Beats is', relation_id: 'P127' },
      ]),
    );
    expect(facts.map(({ prompts, heldOut }) => [prompts, heldOut])).toEqual([
      [['Zoom is owned by'], ['The owner of Zoom is']],
      [['The owner of Beats is'], ['Beats is owned by']],
    ]);
  });

  it('a fact base: wordings that go on with the answer', () => {
    const { facts } = readSource(join(KN_MINI, 'facts.json'));
    expect(facts.length).toBeGreaterThan(1000);
    for (const fact of facts) {
      for (const one of [...fact.prompts, ...fact.heldOut]) expect(one).toMatch(/\[MASK\]\.$/);
    }
  });

  it('nothing of the kind is refused by a line that names the field', () => {
    const record = { prompt: 'x', subject: 'y', target_new: 5 };
    expect(() => readSource(fileOf({ records: [record] }))).toThrow(
      /records\.json: record 1: target_new: must be text, not a number/,
    );
  });
});

it('a record of facts is asked in one wording; held-out wordings are its first paraphrases', () => {
  const fact = (subject: string, object: string) => {
    return {
      relation: 'r',
      subject,
      object,
      prompts: [`${subject} 1`, `${subject} 2`],
      heldOut: [`${subject} 3`],
      templates: [],
    };
  };
  const record = fromCounterfact({ fact: fact('a', 'b'), to: 'c', neighbours: [fact('d', 'b')] });
  expect(record).toEqual({
    prompt: 'a 1',
    subject: 'a',
    relation: 'r',
    truth: 'b',
    next: 'c',
    paraphrases: ['a 3', 'a 2'],
    neighbours: [{ prompt: 'd 1', truth: 'b' }],
  });
});

it('splits into two parts without overlap, the same for the same seed', () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const one = split(items, seeded(7));
  expect(one.tune).toHaveLength(30);
  expect([...one.tune, ...one['held-out']].sort((a, b) => a - b)).toEqual(items);
  expect(split(items, seeded(7))).toEqual(one);
});
