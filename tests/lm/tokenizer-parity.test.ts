// Tokenizers of every kind against the reference implementation's: ids, target positions, answers, special tokens.
import { describe, expect, it } from 'vitest';
import { tokensIn } from '../../src/lm/prompt.js';
import { KINDS, readGolden } from '../support/golden.js';
import { isCausal, readTokenizer } from '../support/tokenizers.js';

describe.each([...KINDS])('%s', (kind) => {
  const golden = readGolden(kind);
  const causal = isCausal(kind);

  it('tokenizes texts', () => {
    const tokenizer = readTokenizer(kind);
    for (const { text, ids } of golden.tokenizer) {
      if (causal) {
        if (text === '') continue; // nothing to continue
        // A space before the answer belongs to the answer.
        expect(tokenizer.encodePrompt(text).ids).toEqual(text.endsWith(' ') ? ids.slice(0, -1) : ids);
      } else if (!text.endsWith(' ')) {
        // A mask may swallow the space before it.
        const prompt = tokenizer.encodePrompt(`${text}[MASK]`);
        expect(prompt.ids.toSpliced(prompt.position, 1)).toEqual(ids);
      }
    }
  });

  it('tokenizes prompts and finds the target position', () => {
    const tokenizer = readTokenizer(kind);
    for (const { prompt, ids, position } of golden.facts.flatMap(({ prompts }) => prompts)) {
      expect(tokenizer.encodePrompt(prompt)).toMatchObject({ ids, position });
    }
  });

  it('continues prompts with the tokens of the answer', () => {
    const tokenizer = readTokenizer(kind);
    for (const { object, objectIds, prompts } of golden.facts) {
      const target = tokenizer.encodeTarget(object.trim());
      for (const { prompt, ids, continuationIds = [...ids, ...objectIds] } of prompts) {
        if (!causal) continue; // a mask stands where the answer belongs
        for (const written of [prompt, `${prompt} [MASK].`, `${prompt} `]) {
          const encoded = tokenizer.encodePrompt(written);
          expect([...encoded.ids, ...tokensIn(encoded, target).ids]).toEqual(continuationIds);
          tokenizer.checkAnswer(encoded, target);
        }
      }
    }
  });

  it('spells objects, with or without the space in front', () => {
    const tokenizer = readTokenizer(kind);
    for (const { object, objectIds, new: other, newIds } of golden.facts) {
      for (const [text, ids] of [
        [object, objectIds],
        [other, newIds],
      ] as const) {
        expect(tokenizer.encodeTarget(text).ids).toEqual(ids);
        expect(tokenizer.encodeTarget(text.trim())).toMatchObject({ ids, words: text.trim() });
      }
    }
  });

  it('knows the unknown token', () => {
    const tokenizer = readTokenizer(kind);
    const ids = golden.facts.flatMap(({ surgery }) => surgery.cases.flatMap(({ unkId }) => unkId ?? []));
    for (const id of ids) expect(tokenizer.unknown).toBe(id);
    if (kind.startsWith('qwen') || kind === 'llama-tied') expect(tokenizer.unknown).toBeUndefined();
  });
});
