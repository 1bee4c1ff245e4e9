// Tokenizers against Python's: the same ids for the same texts, whichever of the two files decides; and bounds.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../src/lm/tokenizer.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

type Json = Record<string, unknown>;

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

/** A tokenizer of a checkpoint with some fields of its two files changed. */
function tokenizer(
  source: string,
  { json = (all) => all, config = {} }: { json?: (all: Json) => Json; config?: Json },
): Tokenizer {
  const directory = temporaryDirectory();
  const [path, configPath] = ['tokenizer.json', 'tokenizer_config.json'].map((name) =>
    join(directory, name),
  ) as [string, string];
  writeFileSync(path, JSON.stringify(json(readJson(join(source, 'tokenizer.json')))));
  copyFileSync(join(source, 'tokenizer_config.json'), configPath);
  writeFileSync(configPath, JSON.stringify({ ...readJson(configPath), ...config }));
  const { model_type: family } = readJson(join(source, 'config.json'));
  return Tokenizer.read(path, configPath, {
    special: { mask: '[MASK]', unknown: '[UNK]' },
    family: String(family),
    vocabulary: 100_000,
    maxLength: 512,
  });
}

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
      const { ids } = tokenizer(goldenDirectory(family), {}).encodePrompt(`${text} [MASK]`);
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
    const read = tokenizer(goldenDirectory('bert-cased'), { json: normalizer(fields), config });
    expect(read.encodePrompt(PROMPT).ids).toEqual(ids);
    expect(read.notes).toEqual(
      says.map((part) => expect.stringContaining(`tokenizer_config.json: ${part}, by itself or by default;`)),
    );
  });
});

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
    expect(() => tokenizer(KN_MINI, { json })).toThrow(says);
  });
});
