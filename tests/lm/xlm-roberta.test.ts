// XLM-R: RoBERTa's network behind a Unigram tokenizer. The golden RoBERTa, given one over the same token ids.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { probe } from '../../src/probe/probe.js';
import { rewritten } from '../support/checkpoints.js';
import { goldenDirectory } from '../support/golden.js';

beforeAll(() => prepareEngine('wasm'));

interface TokenizerFile {
  model: { vocab: Record<string, number> };
}

/** The tokenizer.json of XLM-R, with RoBERTa's tokens: the space is written as one more character. */
function unigram(roberta: TokenizerFile): object {
  const vocab = Object.entries(roberta.model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => [
      token === 'The' ? '▁The' : token.replace('Ġ', '▁'),
      -token.replace('Ġ', '').length / 100,
    ]);
  return {
    ...roberta,
    normalizer: { type: 'Precompiled', precompiled_charsmap: '' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>' } }, { Sequence: { id: 'A' } }, { SpecialToken: { id: '</s>' } }],
      special_tokens: {
        '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] },
        '</s>': { id: '</s>', ids: [2], tokens: ['</s>'] },
      },
    },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    model: { type: 'Unigram', unk_id: 3, vocab },
  };
}

it('tokenizes with Unigram and answers as RoBERTa does to the same ids', () => {
  const directory = rewritten('roberta', {
    config: (config) => ({ ...config, model_type: 'xlm-roberta', architectures: ['XLMRobertaForMaskedLM'] }),
  });
  const path = join(directory, 'tokenizer.json');
  writeFileSync(path, JSON.stringify(unigram(JSON.parse(readFileSync(path, 'utf8')) as TokenizerFile)));
  const ask = (model: LanguageModel, text: string) => {
    const prompt = model.tokenizer.encodePrompt(text);
    const target = model.tokenizer.encodeTarget('Paris');
    return { prompt, target, answers: probe(model, [{ prompt, ask: [target] }], 3)[0] };
  };
  const xlm = LanguageModel.load(directory);
  const roberta = LanguageModel.load(goldenDirectory('roberta'));
  expect(xlm.info.family).toBe('xlm-roberta');
  const found = ask(xlm, 'The capital of France is [MASK]');
  const expected = ask(roberta, 'The capital of France is [MASK]');
  expect(found.prompt.ids).toEqual([0, 275, 282, 268, 342, 264, 4, 2]);
  expect(found.prompt).toEqual(expected.prompt);
  expect(found.answers?.asked).toEqual([{ ...expected.answers?.asked[0], token: '␣Paris' }]);
  expect(found.answers?.top.map(({ id, prob }) => [id, prob])).toEqual(
    expected.answers?.top.map(({ id, prob }) => [id, prob]),
  );
  // A Unigram vocabulary has no words without the space: both forms of a target are the same.
  expect(found.target.bare.ids).toEqual(found.target.ids);
  expect(xlm.tokenizer.token(found.target.ids[0] ?? 0)).toBe('␣Paris');
  expect(() => xlm.tokenizer.encodeTarget('日本')).toThrow(/not in the model's vocabulary/);
  expect(xlm.tokenizer.unknown).toBe(3);
});
