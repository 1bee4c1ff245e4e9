// Tokenizers against Python's: the same ids for the same texts, whichever of the two files decides; and bounds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileOf } from '../../src/lm/files.js';
import { tokensIn } from '../../src/lm/prompt.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';
import { type Json, readTokenizer, tokenizerIn } from '../support/tokenizers.js';

const normalizer = (fields: Json) => (all: Json) => ({
  ...all,
  normalizer: { ...(all.normalizer as Json), ...fields },
});

describe("ideographs beyond the first 65,536 characters, as Python's tokenizers 0.23 splits them", () => {
  // Tokens of "𠀀𠀁 ext B", and of the ends of the ranges that are split, with what lies outside beside them.
  const unknown = 1;
  const [start, end, mask] = [2, 3, 4];

  it.each([
    ['\u{20000}\u{20001} ext', 3],
    ['\u{1ffff}\u{20000}\u{2a6df}\u{2a6e0}', 4],
    ['\u{2a700}\u{2b81f}\u{2b820}\u{2b91f}\u{2b920}', 4],
    ['\u{2ceaf}\u{2ceb0}\u{2f7ff}\u{2f800}\u{2fa1f}\u{2fa20}', 5],
  ])('%s', (text, words) => {
    for (const family of ['bert', 'bert-cased', 'distilbert']) {
      const { ids } = readTokenizer(family).encodePrompt(`${text} [MASK]`);
      expect(ids).toEqual([start, ...new Array<number>(words).fill(unknown), mask, end]);
    }
  });
});

describe('what tokenizer.json and tokenizer_config.json say of lower case and accents, as transformers 5.24 reads it', () => {
  const PROMPT = 'Paris is in Égypt 中国 [MASK].';
  const asIs = [2, 115, 85, 90, 1, 1, 1, 4, 1, 3];
  const lower = [2, 50, 101, 64, 85, 90, 39, 72, 244, 1, 1, 4, 1, 3];
  const bert = { tokenizer_class: 'BertTokenizer' };

  it.each<[Json, Json, number[], string[]]>([
    [{}, {}, asIs, []],
    [{ lowercase: true }, { do_lower_case: false }, lower, []],
    [
      { lowercase: true },
      { ...bert, do_lower_case: false },
      asIs,
      ['do_lower_case is false, strip_accents is false'],
    ],
    [{}, { ...bert, do_lower_case: false }, asIs, []],
    [{}, { ...bert, do_lower_case: true }, lower, ['do_lower_case is true, strip_accents is true']],
    [{}, bert, lower, ['do_lower_case is true, strip_accents is true']],
    [{}, { tokenizer_class: null }, lower, ['do_lower_case is true, strip_accents is true']],
    [
      {},
      { ...bert, do_lower_case: false, strip_accents: true },
      [2, 115, 85, 90, 302, 1, 1, 4, 1, 3],
      ['strip_accents is true'],
    ],
    [
      {},
      { ...bert, do_lower_case: false, tokenize_chinese_chars: false },
      [2, 115, 85, 90, 1, 1, 4, 1, 3],
      ['tokenize_chinese_chars is false'],
    ],
    [
      {},
      { tokenizer_class: 'DistilBertTokenizer', do_lower_case: true, strip_accents: false },
      [2, 50, 101, 64, 85, 90, 1, 1, 1, 4, 1, 3],
      ['do_lower_case is true'],
    ],
  ])('%j %j', (fields, config, ids, says) => {
    const read = readTokenizer('bert-cased', { json: normalizer(fields), config });
    expect(read.encodePrompt(PROMPT).ids).toEqual(ids);
    expect(read.notes).toEqual(
      says.map((part) => expect.stringContaining(`tokenizer_config.json: ${part}, by itself or by default;`)),
    );
  });
});

it("ELECTRA's tokenizer is BERT's, and tokenizer_config.json decides on lower case", () => {
  for (const tokenizer_class of [null, 'ElectraTokenizer', 'ElectraTokenizerFast']) {
    const read = readTokenizer('electra', { config: { tokenizer_class, do_lower_case: false } });
    expect(read.encodePrompt('The capital of France is [MASK]').ids).toEqual([2, 1, 79, 68, 1, 66, 4, 3]);
  }
});

it.each([
  [true, [['٣', '٤'], ['3']]],
  [false, [['٣٤'], ['3']]],
])('Digits are all numeric characters, as in Python (each by itself: %s)', (individual_digits, expected) => {
  const vocab = Object.fromEntries(['٣', '٤', '٣٤', 'a', '3', '[UNK]'].map((token, id) => [token, id]));
  const tokenizer = readTokenizer('llama-smol', {
    json: () => ({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits }] },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    }),
  });
  const tokensOf = (text: string) => tokenizer.encodePrompt(text).ids.map((id) => tokenizer.token(id));
  expect(['a٣٤a', 'a3a'].map(tokensOf)).toEqual(expected.map((digits) => ['a', ...digits, 'a']));
});

describe('special tokens around a text that a model continues', () => {
  const PROMPT = 'The capital of France is';

  it.each<[string, Json, number[], string[]]>([
    ['llama', { add_bos_token: true }, [1, 276, 282, 266, 347, 262], []],
    ['llama', { add_bos_token: false }, [1, 276, 282, 266, 347, 262], ['false; tokenizer.json adds "<s>"']],
    ['phi3', { add_bos_token: true }, [276, 282, 266, 347, 262], ['true; tokenizer.json adds no "<s>"']],
    ['qwen2', { add_bos_token: true }, [271, 278, 264, 338, 260], []], // it has none
    ['llama-tied', { add_bos_token: null }, [0, 272, 279, 265, 339, 261], []],
    ['opt', { add_bos_token: true }, [2, 274, 281, 267, 341, 263], []],
  ])('%s %j: tokenizer.json decides, as in transformers 5.24', (kind, config, ids, says) => {
    const read = readTokenizer(kind, { config });
    expect(read.encodePrompt(PROMPT)).toMatchObject({ ids, position: ids.length - 1 });
    expect(read.notes).toEqual(
      says.map((part) => expect.stringContaining(`tokenizer_config.json: add_bos_token is ${part}, and`)),
    );
  });

  const end = { SpecialToken: { id: '</s>', type_id: 0 } };
  const start = { SpecialToken: { id: '<s>', type_id: 0 } };
  const text = { Sequence: { id: 'A', type_id: 0 } };
  const template = (single: object[]) => ({ type: 'TemplateProcessing', single, pair: single });

  it.each<[string, Json]>([
    ['a template', template([start, text, end])],
    ['a sequence', { type: 'Sequence', processors: [template([text, end]), template([start, text])] }],
    ['a pair', { type: 'RobertaProcessing', cls: ['<s>', 1], sep: ['</s>', 2] }],
  ])('the end that %s puts behind it is no part of the prompt', (_, post_processor) => {
    const read = readTokenizer('llama', { json: (all) => ({ ...all, post_processor }) });
    const prompt = read.encodePrompt(PROMPT);
    expect(prompt).toMatchObject({ ids: [1, 276, 282, 266, 347, 262], position: 5 });
    const target = read.encodeTarget('Paris');
    expect(tokensIn(prompt, target).ids).toEqual([304]);
    read.checkAnswer(prompt, target);
  });

  it('an end in the place of a mask model stays', () => {
    const { ids } = readTokenizer('modernbert').encodePrompt('Paris [MASK]');
    expect(ids.at(-1)).toBe(2);
  });
});

describe('an answer behind its prompt', () => {
  it.each([
    ['llama', 'is "[MASK]"', 'Paris', 'Paris'],
    ['llama', 'is [MASK].', 'Paris', '␣Paris'],
    ['llama', 'is [MASK].', ' Paris', '␣Paris'],
    ['llama', 'is', 'Paris', '␣Paris'],
    ['mistral', 'is\n[MASK]', 'Paris', 'Paris'],
    ['gemma', 'is\n', 'Paris', 'Paris'],
    ['qwen3', 'is ([MASK])', 'Paris', 'Paris'],
    ['phi3', '[MASK]', 'Paris', 'refused'],
  ])('%s: "%s" and "%s" is %s', (kind, given, answer, token) => {
    const read = readTokenizer(kind);
    if (token === 'refused') return expect(() => read.encodePrompt(given)).toThrow('no text before');
    const prompt = read.encodePrompt(`The capital of France ${given}`);
    const found = tokensIn(prompt, read.encodeTarget(answer));
    expect(found.token.replaceAll(' ', '')).toBe(token);
  });

  it('is refused where it merges with the prompt, and not when its tokens are given', () => {
    for (const kind of ['gpt2', 'llama', 'qwen2', 'gemma']) {
      const read = readTokenizer(kind);
      const prompt = read.encodePrompt('The capital of Fra[MASK]');
      const target = read.encodeTarget('nce');
      expect(() => read.checkAnswer(prompt, target)).toThrow(
        /^prompt "The capital of Fra\[MASK\]": runs into the answer "nce" \(as .*␣France\), .*; leave a space between/,
      );
      read.checkAnswer(prompt, read.encodeTarget({ ids: target.bare.ids }));
      read.checkAnswer(read.encodePrompt('The capital of Fra [MASK]'), target);
    }
  });
});

describe('an answer that no space comes before', () => {
  it.each(['gpt2', 'llama', 'qwen3', 'mistral', 'gemma'])('%s: a line break', (kind) => {
    const read = readTokenizer(kind);
    const prompt = read.encodePrompt('The capital of France is Paris.');
    const target = read.encodeTarget('\n');
    read.checkAnswer(prompt, target);
    const both = read.encodePrompt('The capital of France is Paris.\n').ids;
    expect([...prompt.ids, ...tokensIn(prompt, target).ids]).toEqual(both);
    expect(target.bare).toEqual({ ids: target.ids, token: target.token });
  });

  it('a special token', () => {
    const read = readTokenizer('gpt_neox');
    const prompt = read.encodePrompt('The capital of France is');
    const target = read.encodeTarget('<|endoftext|>');
    expect(tokensIn(prompt, target).ids).toEqual([0]);
    read.checkAnswer(prompt, target);
  });

  it('other blanks are refused by themselves, and so are those that the vocabulary does not have', () => {
    const refused = /^target "\s": is empty; a blank by itself is named by its token id$/;
    for (const blank of [' ', '\t']) expect(() => readTokenizer('gpt2').encodeTarget(blank)).toThrow(refused);
    expect(() => readTokenizer('bert').encodeTarget('\n')).toThrow(refused);
  });
});

it('an unknown token that no word becomes can be asked for', () => {
  const read = readTokenizer('gpt_neox');
  expect(read.unknown).toBe(0);
  expect(read.encodeTarget('<|endoftext|>').bare.ids).toEqual([0]);
  expect(readTokenizer('gpt_neox', { config: { unk_token: null } }).unknown).toBeUndefined();
  expect(readTokenizer('llama', { config: { unk_token: null } }).unknown).toBe(0); // its model has one
  expect(() => readTokenizer('bert').encodeTarget('日')).toThrow("not in the model's vocabulary");
});

it('token ids that the model has not are refused, with the id', () => {
  const added = { id: 100_000, content: '<image>', special: true };
  const json = (all: Json) => ({ ...all, added_tokens: [...(all.added_tokens as object[]), added] });
  const read = readTokenizer('gemma3', { json });
  read.encodePrompt('The capital of France is');
  expect(() => read.encodePrompt('An <image> of')).toThrow(
    'gives the token id 100000; the model has the ids 0 to 99999',
  );
});

it.each(['vocab.json', 'tokenizer.model', 'spm.model', 'spiece.model', 'vocab.txt'])(
  'a directory with %s alone is told how to make tokenizer.json',
  (name) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, name), '');
    expect(() => fileOf(directory, 'tokenizer.json')).toThrow(
      `has no tokenizer.json; ${name} alone is not read; make one: python -c "from transformers import AutoTokenizer; ` +
        `AutoTokenizer.from_pretrained('${directory}').save_pretrained('${directory}')"`,
    );
  },
);

describe('a tokenizer beyond all bounds is refused before it is built:', () => {
  const added =
    (...contents: string[]) =>
    (all: Json) => ({
      ...all,
      added_tokens: [
        ...(all.added_tokens as unknown[]),
        ...contents.map((content, i) => ({ id: 1500 + i, content, special: false })),
      ],
    });
  const vocabulary =
    (...tokens: string[]) =>
    (all: Json) => {
      const model = all.model as { vocab: Record<string, number> };
      const more = Object.fromEntries(tokens.map((token, i) => [token, 2000 + i]));
      return { ...all, model: { ...model, vocab: { ...model.vocab, ...more } } };
    };
  const splitting = (Regex: string) => (all: Json) => ({
    ...all,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }],
    },
  });
  const long = (count: number) => Array.from({ length: count }, (_, i) => `${i}${'x'.repeat(900)}`);

  it.each<[string, (all: Json) => Json, string]>([
    ['an added token', added('x'.repeat(40_000_000)), 'added_tokens: one has 40000000 characters'],
    ['added tokens', added(...long(1200)), 'added_tokens: together over 1000000 characters'],
    ['a token', vocabulary('x'.repeat(10_001)), 'model.vocab: one has 10001 characters'],
    ['tokens', vocabulary(...long(4600)), 'model.vocab: together over 4000000 characters'],
    ['a regular expression', splitting('\\p{'.repeat(50_000)), 'Regex: one has 150000 characters'],
  ])('%s', (_, json, says) => {
    expect(() => tokenizerIn(KN_MINI, false, { json })).toThrow(says);
  });
});
