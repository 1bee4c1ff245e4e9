// A model's own fact base: one that continues texts uses the wordings in which the object comes last.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const templates = [
  'People in [X] speak [Y].',
  '[Y] is spoken in [X].',
  'The official language of [X] is [Y].',
];

it.each([
  ['gpt2', ['People in Egypt speak [MASK].'], ['The official language of Egypt is [MASK].']],
  [
    'bert',
    ['People in Egypt speak [MASK].', '[MASK] is spoken in Egypt.'],
    ['The official language of Egypt is [MASK].'],
  ],
])('%s', async (family, prompts, heldOut) => {
  const model = join(temporaryDirectory(), family);
  cpSync(goldenDirectory(family), model, { recursive: true });
  const facts = [{ subject: 'Egypt', object: 'Arabic' }];
  writeInput(model, 'facts.json', { language: { templates, heldOut: [2], facts } });
  await withSession(model, async (session) => {
    await session.model();
    expect(session.facts).toMatchObject([{ subject: 'Egypt', prompts, heldOut }]);
    const { probes } = await session.drawSuite(1);
    expect(probes).toMatchObject([{ prompt: heldOut[0], expect: 'Arabic' }]);
  });
});

it('generic neurons are told by forty facts, however few relations there are', async () => {
  const model = join(temporaryDirectory(), 'mini');
  cpSync(KN_MINI, model, { recursive: true });
  const base = JSON.parse(readFileSync(join(KN_MINI, 'facts.json'), 'utf8')) as Record<string, object>;
  const { capital, continent, state_capital } = base;
  writeInput(model, 'facts.json', { capital, continent, state_capital });
  await withSession(model, async (session) => {
    const fact = {
      subject: 'no such land',
      relation: 'capital',
      object: 'Paris',
      prompts: ['The capital of France is [MASK].'],
    };
    const { background } = await session.map(fact, { rule: 'riemann-right', steps: 1, minPrompts: 1 });
    expect(background).toHaveLength(42); // fourteen of each
  });
});
