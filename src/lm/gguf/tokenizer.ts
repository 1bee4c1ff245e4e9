// What tokenizer.json and tokenizer_config.json would say of the tokenizer in a GGUF file: byte-level BPE with its merges
// (`gpt2`), or SentencePiece's BPE (`llama`), whose merges are made of the tokens' scores.
import { InputError } from '../../errors.js';
import { checkVocabulary } from '../tokenizer-files.js';
import type { Metadata } from './metadata.js';
import { PRE_TOKENIZERS } from './pre-tokenizers.js';

const KEY = 'tokenizer.ggml.';

/** Types of tokens that are not cut out of a text, but found in it as they are. */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

/** SentencePiece's tokens have 16 characters unless asked for more; longer ones than these are not put together of others. */
const LONGEST_PIECE = 200;

/** SentencePiece's blank. */
const BLANK = '▁';

/** The vocabulary, and how a text begins and ends. */
interface Vocabulary {
  tokens: string[];
  /** Of each; none where the file does not say. */
  types: number[];
  ids: SpecialIds;
}

/** Ids of special tokens; undefined of those that there are not. */
type SpecialIds = { [name in 'bos' | 'eos' | 'eot' | 'unknown' | 'padding']?: number | undefined };

/**
 * What tokenizer.json would say.
 * @throws InputError when the tokenizer is of a kind that is not read, or something of it is missing
 */
export function tokenizerOf(metadata: Metadata): Record<string, unknown> {
  const vocabulary = vocabularyOf(metadata);
  return isSentencePiece(metadata) ? sentencePiece(metadata, vocabulary) : byteLevel(metadata, vocabulary);
}

/** Which of the two kinds it is. @throws InputError when it is neither */
function isSentencePiece(metadata: Metadata): boolean {
  const model = metadata.text(`${KEY}model`);
  if (model === 'gpt2' || model === 'llama') return model === 'llama';
  throw wrong(metadata, 'model', model, ['gpt2', 'llama']);
}

/** What tokenizer_config.json would say. @throws InputError when the tokens are missing */
export function tokenizerConfigOf(metadata: Metadata): Record<string, unknown> {
  const { tokens, ids } = vocabularyOf(metadata);
  const named = { bos_token: ids.bos, eos_token: ids.eos, unk_token: ids.unknown, pad_token: ids.padding };
  const present = Object.entries(named).filter(([, id]) => id !== undefined);
  const template = metadata.text('tokenizer.chat_template');
  return {
    ...Object.fromEntries(present.map(([name, id]) => [name, tokens[id ?? 0]])),
    ...(template !== undefined && { chat_template: template }),
    tokenizer_class: 'PreTrainedTokenizerFast',
  };
}

/**
 * What config.json says of special tokens: their ids; null of those that there are not.
 * @param rows of the embedding table, one for each token: converters pad the tokens where models pad their tables
 * @throws InputError when the tokens are missing, or not as many as the rows
 */
export function specialIdsOf(metadata: Metadata, rows: number): Record<string, number | null> {
  const tokens = tokensOf(metadata);
  if (tokens.length !== rows) {
    throw new InputError(
      `${metadata.path}: ${KEY}tokens: has ${tokens.length}; token_embd.weight has ${rows} rows`,
    );
  }
  const { bos = null, eos = null, padding = null } = idsOf(metadata, tokens);
  return { bos_token_id: bos, eos_token_id: eos, pad_token_id: padding };
}

/**
 * What generation_config.json says: with which tokens a text begins and ends, an answer in a chat too.
 * @throws InputError when the tokens are missing
 */
export function generationConfigOf(metadata: Metadata): Record<string, unknown> {
  const { bos, eos, padding, eot } = idsOf(metadata, tokensOf(metadata));
  const ends = [...new Set([eos, eot])].filter((id) => id !== undefined);
  return {
    bos_token_id: bos,
    eos_token_id: ends.length > 1 ? ends : ends[0],
    pad_token_id: padding,
  };
}

function tokensOf(metadata: Metadata): string[] {
  const tokens = metadata.texts(`${KEY}tokens`);
  if (!tokens || tokens.length === 0) throw missing(metadata, 'tokens');
  return tokens;
}

function vocabularyOf(metadata: Metadata): Vocabulary {
  const tokens = tokensOf(metadata);
  checkVocabulary(metadata.path, `${KEY}tokens`, tokens);
  const ids = new Set(tokens);
  if (ids.size < tokens.length) {
    const twice = tokens.find((token, id) => tokens.indexOf(token) !== id);
    throw new InputError(`${metadata.path}: ${KEY}tokens: "${twice}" comes twice`);
  }
  const types = metadata.numbers(`${KEY}token_type`) ?? [];
  if (types.length > 0 && types.length < tokens.length) {
    throw new InputError(
      `${metadata.path}: ${KEY}token_type: has ${types.length} of ${tokens.length} tokens`,
    );
  }
  return { tokens, types, ids: idsOf(metadata, tokens) };
}

/** Of SentencePiece, where the metadata do not say, as llama.cpp has them. */
const SENTENCE_PIECE_IDS: SpecialIds = { unknown: 0, bos: 1, eos: 2 };

/** The special tokens that the metadata name by their ids. @throws InputError when there is no such id */
function idsOf(metadata: Metadata, tokens: readonly string[]): SpecialIds {
  const defaults = isSentencePiece(metadata) ? SENTENCE_PIECE_IDS : {};
  const idOf = (name: keyof SpecialIds) => {
    const id = metadata.number(`${KEY}${name}_token_id`) ?? defaults[name];
    if (id === undefined || tokens[id] !== undefined) return id;
    throw new InputError(
      `${metadata.path}: ${KEY}${name}_token_id: is ${id}; there are ${tokens.length} tokens`,
    );
  };
  return {
    bos: idOf('bos'),
    eos: idOf('eos'),
    eot: idOf('eot'),
    unknown: idOf('unknown'),
    padding: idOf('padding'),
  };
}

function byteLevel(metadata: Metadata, vocabulary: Vocabulary): Record<string, unknown> {
  const name = metadata.text(`${KEY}pre`);
  const pre = name !== undefined && Object.hasOwn(PRE_TOKENIZERS, name) ? PRE_TOKENIZERS[name] : undefined;
  if (!pre) throw wrong(metadata, 'pre', name, Object.keys(PRE_TOKENIZERS));
  const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
  const bytes = { ...level, use_regex: pre.byteLevelSplits };
  return {
    ...common(vocabulary),
    normalizer: pre.normalizer ?? null,
    pre_tokenizer: pre.split ? { type: 'Sequence', pretokenizers: [pre.split, bytes] } : bytes,
    post_processor: ends(metadata, vocabulary, pre.addsBos ?? false) ?? { ...level, use_regex: true },
    decoder: { ...level, add_prefix_space: true, use_regex: true },
    model: {
      ...model(vocabulary),
      merges: pairsOf(metadata, vocabulary),
      ignore_merges: pre.ignoreMerges ?? false,
    },
  };
}

/** The merges that the file lists. @throws InputError when one is not of two tokens that make a third */
function pairsOf(metadata: Metadata, { tokens }: Vocabulary): [string, string][] {
  const merges = metadata.texts(`${KEY}merges`);
  if (!merges) throw missing(metadata, 'merges');
  const known = new Set(tokens);
  return merges.map((merge, i) => {
    const pair = splitAt(merge, merge.indexOf(' ', 1));
    const unknown = [...pair, pair.join('')].find((token) => !known.has(token));
    if (unknown === undefined) return pair;
    throw new InputError(
      `${metadata.path}: ${KEY}merges.${i}: "${merge}" is not two tokens that make a third: there is no "${unknown}"`,
    );
  });
}

function sentencePiece(metadata: Metadata, vocabulary: Vocabulary): Record<string, unknown> {
  const { tokens, ids } = vocabulary;
  const scores = metadata.numbers(`${KEY}scores`);
  if (!scores || scores.length < tokens.length) throw missing(metadata, 'scores');
  const prefix = metadata.flag(`${KEY}add_space_prefix`) ?? true;
  const blanks = { type: 'Replace', pattern: { String: ' ' }, content: BLANK };
  const spaces = { type: 'Replace', pattern: { String: BLANK }, content: ' ' };
  const first = prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [];
  return {
    ...common(vocabulary),
    normalizer: prefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: BLANK }, blanks] }
      : blanks,
    pre_tokenizer: null,
    post_processor: ends(metadata, vocabulary, true) ?? null,
    decoder: { type: 'Sequence', decoders: [spaces, { type: 'ByteFallback' }, { type: 'Fuse' }, ...first] },
    model: {
      ...model(vocabulary),
      merges: mergesOf(tokens, scores),
      unk_token: ids.unknown === undefined ? null : tokens[ids.unknown],
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
    },
  };
}

/** What every tokenizer.json has, and the tokens that are found in a text as they are. */
function common({ tokens, types }: Vocabulary): Record<string, unknown> {
  const added = types.flatMap((type, id) => {
    const content = tokens[id];
    if (content === undefined || content === '' || ![UNKNOWN, CONTROL, USER_DEFINED].includes(type))
      return [];
    const special = type !== USER_DEFINED;
    return [{ id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }];
  });
  return { version: '1.0', truncation: null, padding: null, added_tokens: added };
}

function model({ tokens }: Vocabulary): Record<string, unknown> {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
  };
}

/** What puts a first and a last token around every text; undefined where there is neither. */
function ends(metadata: Metadata, { tokens, ids }: Vocabulary, byDefault: boolean): unknown {
  const first = (metadata.flag(`${KEY}add_bos_token`) ?? byDefault) ? ids.bos : undefined;
  const last = (metadata.flag(`${KEY}add_eos_token`) ?? false) ? ids.eos : undefined;
  const added = [first, last].filter((id) => id !== undefined);
  if (added.length === 0) return undefined;
  const around = (letter: string, type_id: number) => {
    const special = (id: number | undefined) =>
      id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id } }];
    return [...special(first), { Sequence: { id: letter, type_id } }, ...special(last)];
  };
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(
      added.map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }]),
    ),
  };
}

/**
 * The merges of SentencePiece's BPE, which always puts together the neighbours that make the token of the best score: every
 * pair of tokens that make a third, by its score. (As transformers makes them of the same scores.)
 */
function mergesOf(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = tokens.flatMap((token, id) => {
    const pairs: { pair: [string, string]; score: number; left: number; right: number }[] = [];
    for (let at = 1; at < token.length && token.length <= LONGEST_PIECE; at++) {
      const pair = splitAt(token, at, at);
      const left = ids.get(pair[0]);
      const right = ids.get(pair[1]);
      if (left !== undefined && right !== undefined)
        pairs.push({ pair, score: scores[id] ?? 0, left, right });
    }
    return pairs.sort((a, b) => a.left - b.left || a.right - b.right);
  });
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair);
}

/** Two parts of a text. @param next where the second begins, by default behind one character that separates them */
function splitAt(text: string, at: number, next = at + 1): [string, string] {
  return [text.slice(0, at), text.slice(next)];
}

function missing({ path }: Metadata, key: string): InputError {
  return new InputError(`${path}: ${KEY}${key}: is missing; the file has no tokenizer that can be read`);
}

function wrong(
  { path }: Metadata,
  key: string,
  found: string | undefined,
  known: readonly string[],
): InputError {
  const what = found === undefined ? 'is missing' : `"${found}" is not supported`;
  return new InputError(`${path}: ${KEY}${key}: ${what}; supported: ${known.join(', ')}`);
}
