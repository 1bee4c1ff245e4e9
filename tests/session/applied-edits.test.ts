// Which of the applied edits are in force, and what of a relation that was erased is still wanted.
import { expect, it } from 'vitest';
import type { ProbeResult } from '../../src/probe/results.js';
import { type AppliedEdit, factsAsEdited, inForce } from '../../src/session/applied-edits.js';
import type { BaseFact } from '../../src/spec/fact-base.js';
import { promptKey } from '../../src/spec/prompts.js';

const probeOf = (prompt: string): ProbeResult => {
  return { role: 'target', prompt, expect: 'Paris', expectId: 1, prob: 1, rank: 1, top: [] };
};

function editOf(id: number, prompts: string[], more: Partial<AppliedEdit> = {}): AppliedEdit {
  const probes = prompts.map(probeOf);
  return {
    id,
    name: `edit ${id}`,
    ofRelation: false,
    subject: undefined,
    intent: 'lower',
    keys: new Set(prompts.map(promptKey)),
    wants: '',
    answer: undefined,
    before: probes,
    after: probes,
    ...more,
  };
}

const factOf = (subject: string, prompt: string): BaseFact => {
  return { relation: 'capital', subject, object: subject, prompts: [prompt], heldOut: [], templates: [] };
};

const facts = [
  factOf('France', 'france [MASK]'),
  factOf('Spain', 'spain [MASK]'),
  factOf('Chad', 'chad [MASK]'),
];
const erased = editOf(1, ['france [MASK]', 'spain [MASK]'], { ofRelation: true });

it('an erased relation is wanted but for its facts that are edited again', () => {
  const rewrite = editOf(2, ['spain [MASK]', 'madrid [MASK]'], { intent: 'replace', answer: 'Lisbon' });
  const [first, second] = inForce([erased, rewrite]);
  expect(first).toEqual({ ...editOf(1, ['france [MASK]'], { ofRelation: true }) });
  expect(second).toBe(rewrite);
  const objects = factsAsEdited(facts, inForce([erased, rewrite])).map(({ subject, object }) => [
    subject,
    object,
  ]);
  expect(objects).toEqual([
    ['Spain', 'Lisbon'],
    ['Chad', 'Chad'],
  ]);
});

it('a fact is wanted no more when its relation is erased after it, or all of a relation when it is erased again', () => {
  const suppressed = editOf(0, ['spain [MASK]', 'madrid [MASK]']);
  expect(inForce([suppressed, erased])).toEqual([erased]);
  const again = { ...erased, id: 3 };
  expect(inForce([erased, again])).toEqual([again]);
  expect(inForce([{ ...suppressed, keys: new Set([promptKey('chad [MASK]')]) }, erased])).toHaveLength(2);
});
