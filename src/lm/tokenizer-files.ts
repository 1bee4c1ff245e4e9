// tokenizer.json and tokenizer_config.json on their way to the library: bounded before it sees them, because it takes
// a hundred bytes a character and squares of a pattern's length, and brought to agree where they contradict each other.
import { basename } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { type JsonSource, pathOf, readJson } from '../spec/json.js';
import { withAllDigits } from './digits.js';
import { onlyBefore, specialsAround } from './post-processor.js';

/** Characters of the longest added token, and of all of them. Models have some thousand, of ten characters each. */
const ADDED = { longest: 1000, together: 1_000_000 };
/** Characters of the longest entry of a vocabulary, and of all: twice what the largest ones have. */
const VOCABULARY = { longest: 10_000, together: 4_000_000 };
/** Characters of all regular expressions; in use are some hundred. */
const PATTERNS = { longest: 10_000, together: 20_000 };

const tokenText = z.union([
  z.string(),
  z.object({ content: z.string() }).transform((token) => token.content),
]);
const bertNormalizer = z.looseObject({
  type: z.literal('BertNormalizer'),
  lowercase: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  handle_chinese_chars: z.boolean().nullish(),
});
const tokenizerFile = z.looseObject({
  model: z.looseObject({
    vocab: z.unknown(),
    unk_token: z.string().nullish(),
    unk_id: z.number().nullish(),
  }),
  added_tokens: z.array(z.looseObject({ content: z.string(), special: z.boolean().nullish() })).nullish(),
});
const configFile = z.looseObject({
  mask_token: tokenText.nullish(),
  unk_token: tokenText.nullish(),
  bos_token: tokenText.nullish(),
  add_bos_token: z.boolean().nullish(),
  tokenizer_class: z.string().nullish(),
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().nullish(),
});

export interface TokenizerFiles {
  json: z.infer<typeof tokenizerFile>;
  config: z.infer<typeof configFile>;
  /** Of BERT and its kin: every ideograph is a word by itself. */
  splitsIdeographs: boolean;
  /** What was done where the files contradict each other. */
  notes: string[];
}

/**
 * Reads both files.
 * @param family `model_type` of the model
 * @param continues whether it continues a text, rather than filling a mask
 * @throws InputError when one is missing, damaged or beyond the bounds
 */
export function readTokenizerFiles(
  tokenizer: JsonSource,
  tokenizerConfig: JsonSource,
  family: string,
  continues: boolean,
): TokenizerFiles {
  const json = readJson(tokenizer, tokenizerFile);
  const config = readJson(tokenizerConfig, configFile);
  const path = pathOf(tokenizer);
  const { model, added_tokens: added, normalizer, pre_tokenizer, post_processor, decoder } = json;
  const file = basename(pathOf(tokenizerConfig));
  const bound = (field: string, texts: Iterable<string>, limits: Limits) =>
    checkLengths(path, field, texts, limits);
  bound(
    'added_tokens',
    (added ?? []).map(({ content }) => content),
    ADDED,
  );
  checkVocabulary(path, 'model.vocab', entriesOf(model.vocab));
  bound('Regex', patternsIn([normalizer, pre_tokenizer, post_processor, decoder]), PATTERNS);

  const { before, after } = specialsAround(post_processor);
  // The model goes on behind the text itself, not behind an end of it.
  const processor = continues && after.length > 0 ? onlyBefore(before) : post_processor;
  const read = { ...json, pre_tokenizer: withAllDigits(pre_tokenizer), post_processor: processor };
  const notes = continues ? ignoredFlag(file, config, before) : [];
  const own = bertNormalizer.safeParse(normalizer).data;
  if (!own) return { json: read, config, splitsIdeographs: false, notes };
  const decided = decidesNormalizer(config.tokenizer_class, family) ? normalizerOf(config) : {};
  const merged = { ...own, ...decided };
  return {
    json: { ...read, normalizer: merged },
    config,
    splitsIdeographs: merged.handle_chinese_chars !== false,
    notes: [...notes, ...contradictions(file, own, merged)],
  };
}

/** @throws InputError when a vocabulary is beyond what any model has */
export function checkVocabulary(path: string, field: string, tokens: Iterable<string>): void {
  checkLengths(path, field, tokens, VOCABULARY);
}

interface Limits {
  longest: number;
  together: number;
}

function checkLengths(path: string, field: string, texts: Iterable<string>, limits: Limits): void {
  let together = 0;
  for (const { length } of texts) {
    together += length;
    if (length > limits.longest) {
      throw new InputError(
        `${path}: ${field}: one has ${length} characters; at most ${limits.longest} are read`,
      );
    }
    if (together > limits.together) {
      throw new InputError(
        `${path}: ${field}: together over ${limits.together} characters; no more are read`,
      );
    }
  }
}

/** The tokens of a vocabulary, which is an object from tokens to ids, or a list of tokens with their scores. */
function* entriesOf(vocabulary: unknown): Generator<string> {
  const list = Array.isArray(vocabulary);
  for (const one of list ? vocabulary : Object.keys(vocabulary ?? {})) {
    const token: unknown = Array.isArray(one) ? one[0] : one;
    if (typeof token === 'string') yield token;
  }
}

/** The regular expressions in a part of the file, however deep. */
function* patternsIn(part: unknown): Generator<string> {
  const open = [part];
  while (open.length > 0) {
    for (const [key, value] of Object.entries(open.pop() ?? {})) {
      if (key === 'Regex' && typeof value === 'string') yield value;
      else if (typeof value === 'object') open.push(value);
    }
  }
}

/**
 * Whether transformers makes the normalizer of tokenizer_config.json alone: BERT's own tokenizer classes do (and models
 * that name no class have theirs), the general ones take tokenizer.json as it is.
 */
function decidesNormalizer(tokenizerClass: string | null | undefined, family: string): boolean {
  if (tokenizerClass) return /^((Distil)?Bert|Electra)Tokenizer(Fast)?$/.test(tokenizerClass);
  return ['bert', 'distilbert', 'electra'].includes(family);
}

type Normalizer = z.infer<typeof bertNormalizer>;

/** What those classes make of it, defaults included. */
function normalizerOf(config: z.infer<typeof configFile>): Partial<Normalizer> {
  return {
    lowercase: config.do_lower_case ?? true,
    strip_accents: config.strip_accents ?? null,
    handle_chinese_chars: config.tokenize_chinese_chars ?? true,
  };
}

function contradictions(file: string, own: Normalizer, merged: Normalizer): string[] {
  const effects = ({ lowercase, strip_accents: strip, handle_chinese_chars: ideographs }: Normalizer) => [
    ['do_lower_case', lowercase ?? false] as const,
    ['strip_accents', strip ?? lowercase ?? false] as const,
    ['tokenize_chinese_chars', ideographs ?? true] as const,
  ];
  const before = effects(own);
  const changed = effects(merged).filter(([, value], i) => value !== before[i]?.[1]);
  if (changed.length === 0) return [];
  const which = changed.map(([field, value]) => `${field} is ${value}`).join(', ');
  return [
    `${file}: ${which}, by itself or by default; tokenizer.json says otherwise, and transformers obeys the former`,
  ];
}

/** That transformers 5 adds the special tokens that tokenizer.json adds, whatever `add_bos_token` says. */
function ignoredFlag(
  file: string,
  { add_bos_token: flag, bos_token: bos }: z.infer<typeof configFile>,
  before: readonly string[],
): string[] {
  if (typeof flag !== 'boolean' || !bos || flag === before.includes(bos)) return [];
  return [
    `${file}: add_bos_token is ${flag}; tokenizer.json ${flag ? 'adds no' : 'adds'} "${bos}", and transformers obeys the latter`,
  ];
}
