// The texts in which a subject is looked for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { CONTEXTS } from '../../../src/surgery/subject/contexts.js';
import { factTexts, type SubjectFact } from '../../../src/surgery/subject/texts.js';
import { loadGolden, loadMini } from '../../support/models.js';

function factOf(
  model: LanguageModel,
  subject: string,
  prompts: readonly string[],
  object: string,
): SubjectFact {
  const { tokenizer } = model;
  return {
    subject,
    prompts: prompts.map((prompt) => tokenizer.encodePrompt(prompt)),
    target: tokenizer.encodeTarget(object),
  };
}

describe('of a decoder', () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden('gpt2');
  });
  afterAll(() => model.dispose());

  it('are all wordings behind all sentences, with a text per token of the answer', () => {
    const fact = factOf(model, 'Egypt', ['The capital of Egypt is', 'People in Egypt speak'], 'French');
    const { texts, essence } = factTexts(model, fact);
    expect(new Set(texts.map(({ wording }) => wording)).size).toBe(2 * CONTEXTS.length);
    expect(texts).toHaveLength(2 * CONTEXTS.length * model.tokenizer.encodeTarget('French').ids.length);
    expect(essence).toHaveLength(1);
  });

  it('never have the subject in the first row', () => {
    const fact = factOf(model, 'Egypt', ['Egypt is where people speak'], 'French');
    const bare = model.tokenizer.encodePrompt('Egypt is where people speak');
    const first = model.tokenizer.rowOf(bare, 'Egypt') === 0;
    const { texts, essence } = factTexts(model, fact);
    expect([...texts, ...essence].every(({ row }) => row > 0)).toBe(true);
    expect(new Set(texts.map(({ wording }) => wording)).size).toBe(CONTEXTS.length - Number(first));
  });

  it('leave out wordings that do not name it', () => {
    const fact = factOf(model, 'Egypt', ['The capital of Egypt is', 'The people speak'], 'French');
    const { texts } = factTexts(model, fact);
    expect(new Set(texts.map(({ wording }) => wording)).size).toBe(CONTEXTS.length);
  });
});

describe('of a masked model', () => {
  it('have their subject where it stands when an answer of several tokens comes before it', async () => {
    const model = await loadMini();
    const fact = factOf(model, 'Kazakhstan', ['[MASK] is the capital of Kazakhstan.'], 'Paris');
    const several = { ...fact, target: { ...fact.target, ids: [5, 6, 7] } };
    const rows = (one: SubjectFact) => factTexts(model, one).texts.map(({ ids, row }) => ids[row]);
    expect(new Set([...rows(fact), ...rows(several)]).size).toBe(1);
    model.dispose();
  });
});
