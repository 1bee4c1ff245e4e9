// From text to token ids and back: prompts with their target position, and targets of one or several tokens.
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { InputError, systemReason } from '../errors.js';
import { type JsonSource, pathOf } from '../spec/json.js';
import { answerComesLast, MASK } from '../spec/prompts.js';
import { withTimeLimit } from '../time-limit.js';
import type { SpecialTokens } from './families/family.js';
import {
  checkRoom,
  type EncodedPrompt,
  type EncodedTarget,
  exactly,
  type Sequence,
  type Target,
  type Tokens,
  tokensIn,
} from './prompt.js';
import { type Reader, tokenReader } from './token-text.js';
import { readTokenizerFiles } from './tokenizer-files.js';

/**
 * Ideographs beyond the first 65,536 characters, as BERT's normalizer splits them. The library looks at 16 bits at a
 * time there and misses them.
 */
const IDEOGRAPHS = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** The one kind of blanks that is an answer by itself. */
const LINE_BREAKS = /^\n+$/;

/** Loading the largest vocabularies takes a second or two. */
const LOAD_MS = 20_000;

/** What a tokenizer has to know of its model. */
export interface TokenizerOptions {
  /** Of masked models; causal ones have neither. */
  special: SpecialTokens | undefined;
  /** `model_type` of the model. */
  family: string;
  /** Number of token ids. */
  vocabulary: number;
  /** The longest sequence that the model takes, in tokens. */
  maxLength: number;
}

/** A text that nothing is asked of. */
export interface EncodedText {
  ids: number[];
  /** Tokens among them that stand for what the vocabulary does not have. */
  unknown: number;
}

export class Tokenizer {
  private constructor(
    private readonly path: string,
    private readonly inner: HubTokenizer,
    private readonly read: Reader,
    /** Undefined for causal models. */
    private readonly mask: { token: string; id: number } | undefined,
    /** Id of the unknown token; undefined where there is none. */
    readonly unknown: number | undefined,
    /** Whether words that the vocabulary does not have become the unknown token. */
    private readonly lacksWords: boolean,
    private readonly options: TokenizerOptions,
    private readonly splitsIdeographs: boolean,
    /** Tokens that no text has of itself, such as `<|im_end|>`. */
    private readonly specials: ReadonlySet<string>,
    /** What was done where its files contradict each other. */
    readonly notes: readonly string[],
  ) {}

  /**
   * Reads `tokenizer.json` and `tokenizer_config.json`.
   * @throws InputError when a file is missing or damaged, or a masked model has no mask token
   */
  static read(file: JsonSource, configFile: JsonSource, options: TokenizerOptions): Tokenizer {
    const { special, vocabulary, family } = options;
    const { json, config, splitsIdeographs, notes } = readTokenizerFiles(
      file,
      configFile,
      family,
      special === undefined,
    );
    const tokenizerPath = pathOf(file);
    let inner: HubTokenizer;
    try {
      inner = withTimeLimit(LOAD_MS, 'it takes too long to load', () => new HubTokenizer(json, config));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`${tokenizerPath}: not a tokenizer that can be read: ${reason}`);
    }
    const idOf = (token: string) => {
      const id = inner.token_to_id(token);
      return id !== undefined && Number.isInteger(id) && id >= 0 && id < vocabulary ? id : undefined;
    };
    const maskToken = special && (config.mask_token ?? special.mask);
    const maskId = maskToken === undefined ? undefined : idOf(maskToken);
    if (maskToken !== undefined && maskId === undefined) {
      throw new InputError(`${pathOf(configFile)}: mask_token: "${maskToken}" is not in the vocabulary`);
    }
    const { unk_token: own, unk_id: ownId } = json.model;
    const unknownToken = config.unk_token ?? own ?? special?.unknown;
    return new Tokenizer(
      tokenizerPath,
      inner,
      tokenReader(json.decoder),
      maskToken === undefined || maskId === undefined ? undefined : { token: maskToken, id: maskId },
      unknownToken === undefined ? undefined : idOf(unknownToken),
      (own ?? ownId ?? undefined) !== undefined,
      options,
      splitsIdeographs,
      new Set(json.added_tokens?.filter(({ special }) => special).map(({ content }) => content)),
      notes,
    );
  }

  /**
   * Encodes a prompt. For a masked model it has exactly one mask, written `[MASK]` or as the model's own mask token;
   * for a causal one it is the text to continue, or ends with `[MASK]`, behind which only punctuation may follow.
   * @throws InputError when the mask is missing or in a wrong place, or the prompt is too long
   */
  encodePrompt(prompt: string): EncodedPrompt {
    const sequence = this.mask ? this.encodeMasked(prompt, this.mask) : this.encodePrefix(prompt);
    const unknownWords = this.isLacking(sequence.ids) ? this.unknownWords(prompt) : [];
    const encoded = { prompt, ...sequence, unknownWords, causal: !this.mask };
    checkRoom(encoded, { ids: [0], token: '' }, this.options.maxLength);
    return encoded;
  }

  /** A text as it stands. @returns also how many of its tokens stand for what the vocabulary does not have */
  encodeText(text: string): EncodedText {
    const ids = this.encode(text, true);
    const unknown = this.lacksWords ? ids.filter((id) => id === this.unknown).length : 0;
    return { ids, unknown };
  }

  /** Id of the mask token; undefined for causal models. */
  get maskId(): number | undefined {
    return this.mask?.id;
  }

  /**
   * Where some words end in a prompt: the number of the token that their last character belongs to. Of several
   * occurrences the last one counts; those that are whole words come before those that are parts of words, and those in
   * the same case before others.
   * @returns undefined when they are not in it
   */
  rowOf({ prompt, ids }: EncodedPrompt, words: string): number | undefined {
    const text = this.mask ? prompt.replaceAll(MASK, this.mask.token) : prefixOf(prompt).prefix;
    const end = endOf(text, words);
    if (end === undefined) return undefined;
    const whole = this.encode(text, false);
    const until = this.encode(text.slice(0, end), false);
    const differs = until.findIndex((id, i) => id !== whole[i]);
    const before = ids.findIndex((_, i) => whole.every((id, j) => id === ids[i + j])); // special tokens
    return Math.max(0, before) + (differs < 0 ? until.length - 1 : differs);
  }

  /** Words and signs of a text that the vocabulary does not have. */
  private unknownWords(text: string): string[] {
    const words = text.replaceAll(MASK, ' ').match(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];
    return [...new Set(words)].filter((word) => this.isLacking(this.encode(word, false)));
  }

  /** Whether tokens stand for something that the vocabulary does not have. */
  private isLacking(ids: readonly number[]): boolean {
    return this.lacksWords && this.unknown !== undefined && ids.includes(this.unknown);
  }

  private encodeMasked(prompt: string, mask: { token: string; id: number }): Sequence & { spaced: boolean } {
    const text = prompt.replaceAll(MASK, () => mask.token);
    const ids = this.encode(text, true);
    const masks = ids.flatMap((id, index) => (id === mask.id ? [index] : []));
    const [position] = masks;
    if (position === undefined) {
      throw new InputError(`prompt "${prompt}": has no ${MASK}; write ${MASK} where the answer belongs`);
    }
    if (masks.length > 1) {
      throw new InputError(`prompt "${prompt}": has ${masks.length} masks; leave exactly one ${MASK}`);
    }
    return { ids, position, spaced: /\s$/.test(text.slice(0, text.indexOf(mask.token))) };
  }

  private encodePrefix(prompt: string): Sequence & { spaced: boolean } {
    const { prefix, spaced } = prefixOf(prompt);
    const ids = prefix === '' ? [] : this.encode(prefix, true);
    if (ids.length === 0) {
      throw new InputError(`prompt "${prompt}": has no text before the answer; this model continues a text`);
    }
    return { ids, position: ids.length - 1, spaced };
  }

  /**
   * The tokens of a target.
   * @throws InputError when it is empty, ends with a blank, or is not in the vocabulary
   */
  encodeTarget(target: Target): EncodedTarget {
    if (typeof target !== 'string') {
      const ids = 'id' in target ? [target.id] : [...target.ids];
      const outside = ids.find((id) => id >= this.options.vocabulary);
      if (outside !== undefined) {
        throw new InputError(
          `target id ${outside}: the vocabulary has only the ids 0 to ${this.options.vocabulary - 1}`,
        );
      }
      return exactly(this.tokens(ids));
    }
    if (target.trim() !== '' && /\s$/.test(target)) {
      throw new InputError(
        `target "${target}": ends with a blank, which is a token of its own or none; remove it`,
      );
    }
    const bare = this.encodeWord(target, target);
    const spaced = this.takesSpace(target) ? this.encodeWord(target, ` ${target}`) : bare;
    return { ...spaced, bare, text: target, words: target.trim() };
  }

  /**
   * Checks that a prompt and an answer can be asked for together: there is room for both, and read as one text they have
   * the tokens of the prompt and then those of the answer.
   * @throws InputError when it is too long, or its last token merges with the answer
   */
  checkAnswer(prompt: EncodedPrompt, target: EncodedTarget): void {
    const answer = tokensIn(prompt, target);
    checkRoom(prompt, answer, this.options.maxLength);
    if (!prompt.causal || target.text === undefined) return;
    const { prefix, spaced } = prefixOf(prompt.prompt);
    const blank = spaced && this.takesSpace(target.text) ? ' ' : '';
    const together = this.encode(`${prefix}${blank}${target.text}`, true);
    if (together.join() === [...prompt.ids, ...answer.ids].join()) return;
    const end = this.tokens(together.slice(-answer.ids.length - 1)).token;
    throw new InputError(
      `prompt "${prompt.prompt}": runs into the answer "${target.text}" (as ${end}), so that its own last token is ` +
        'another one; leave a space between them, or give the answer as token ids',
    );
  }

  /** Whether a space comes before an answer where it goes on behind a word. */
  private takesSpace(target: string): boolean {
    return !/^\s/.test(target) && !this.specials.has(target);
  }

  private encodeWord(target: string, text: string): Tokens {
    const ids = this.encodeBehind(text);
    if (ids.length === 0 || (target.trim() === '' && !LINE_BREAKS.test(target))) {
      throw new InputError(`target "${target}": is empty; a blank by itself is named by its token id`);
    }
    if (this.isLacking(ids)) {
      throw new InputError(`target "${target}": is not in the model's vocabulary; choose a word that is`);
    }
    return this.tokens(ids);
  }

  /**
   * The tokens of a text that goes on behind another one: what it adds to a line break, with which nothing merges. By
   * itself it would begin with a space of the tokenizer's own where that puts one before every text, as Llama 2's does.
   */
  private encodeBehind(text: string): number[] {
    const before = this.encode('\n', false);
    const both = this.encode(`\n${text}`, false);
    const follows = before.every((id, i) => id === both[i]);
    return follows ? both.slice(before.length) : this.encode(text, false);
  }

  private encode(text: string, special: boolean): number[] {
    let ids: number[];
    try {
      const words = this.splitsIdeographs ? text.replace(IDEOGRAPHS, ' $& ') : text;
      ids = this.inner.encode(words, { add_special_tokens: special }).ids;
    } catch (error) {
      throw new InputError(`${this.path}: not a tokenizer that can be read: ${systemReason(error)}`);
    }
    const { vocabulary } = this.options;
    const wrong = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (wrong >= 0) {
      throw new InputError(
        `${this.path}: gives the token id ${ids[wrong]}; the model has the ids 0 to ${vocabulary - 1}`,
      );
    }
    return ids;
  }

  private tokens(ids: number[]): Tokens {
    return { ids, token: ids.map((id) => this.token(id)).join(' ') };
  }

  /** The text of a token id, readable. */
  token(id: number): string {
    const text: unknown = this.inner.id_to_token(id);
    return typeof text === 'string' ? this.read(text) : `<${id}>`;
  }
}

/** What of a prompt a causal model continues, and whether the answer comes after a space. @throws InputError */
function prefixOf(prompt: string): { prefix: string; spaced: boolean } {
  if (!answerComesLast(prompt)) {
    throw new InputError(
      `prompt "${prompt}": goes on after ${MASK}; this model continues a text, so only punctuation may follow it`,
    );
  }
  const at = prompt.indexOf(MASK);
  const before = at >= 0 ? prompt.slice(0, at) : prompt;
  const prefix = withoutEnd(before, ' '); // the space belongs to the answer's first token
  return { prefix, spaced: at >= 0 ? prefix !== before : !/\s$/.test(prefix) };
}

/** Where the occurrence of some words that counts ends in a text. */
function endOf(text: string, words: string): number | undefined {
  const sought = words.trim().replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  if (sought === '') return undefined;
  const kinds = [`(?<![\\p{L}\\p{N}])${sought}(?![\\p{L}\\p{N}])`, sought];
  for (const kind of kinds) {
    for (const flags of ['gu', 'giu']) {
      const last = [...text.matchAll(new RegExp(kind, flags))].at(-1);
      if (last) return last.index + last[0].length;
    }
  }
  return undefined;
}

/** A text without the run of one character at its end. */
function withoutEnd(text: string, character: string): string {
  let end = text.length;
  while (text[end - 1] === character) end--;
  return text.slice(0, end);
}
