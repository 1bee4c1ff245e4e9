// Where a subject ends in a prompt, by the tokens' own texts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { KINDS } from '../support/golden.js';
import { loadGolden, loadMini } from '../support/models.js';

describe.each(KINDS)('%s', (kind) => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(kind);
  });
  afterAll(() => model.dispose());

  it.each([
    ['The capital of France is [MASK].', 'France'],
    ['France is governed from [MASK].', 'France'],
    ["France's capital is [MASK].", 'France'],
    ['New York is in the state of [MASK].', 'New York'],
    ['The french call their capital [MASK].', 'French'],
  ])('%s: %s', (prompt, subject) => {
    const encoded = model.tokenizer.encodePrompt(prompt);
    const row = model.tokenizer.rowOf(encoded, subject) ?? -1;
    expect(row).toBeGreaterThanOrEqual(0);
    if (encoded.unknownWords.length > 0) return; // its tokens do not tell their letters
    const letters = (ids: readonly number[]) =>
      ids
        .map((id) => model.tokenizer.token(id))
        .join('')
        .replaceAll(/[^a-z]|<s>|cls/gi, '')
        .toLowerCase();
    const wanted = prompt.slice(0, prompt.toLowerCase().indexOf(subject.toLowerCase()) + subject.length);
    const upTo = letters(encoded.ids.slice(0, row + 1));
    const before = letters(encoded.ids.slice(0, row));
    const end = wanted.replaceAll(/[^a-z]/gi, '').toLowerCase();
    expect(upTo.endsWith(end)).toBe(true);
    expect(before.endsWith(end)).toBe(false);
  });
});

describe('kn-mini', () => {
  it.each([
    ['Paris is the capital of France and [MASK] is in France.', 'France', 11],
    ['France likes its Francesco [MASK].', 'France', 1],
    ['Spain has [MASK].', 'France', undefined],
  ])('%s: %s', async (prompt, subject, row) => {
    const model = await loadMini();
    expect(model.tokenizer.rowOf(model.tokenizer.encodePrompt(prompt), subject)).toBe(row);
    model.dispose();
  });
});
