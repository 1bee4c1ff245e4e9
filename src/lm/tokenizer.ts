// From text to token ids and back: prompts with their target position, and targets of one or several tokens.
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { InputError, systemReason } from '../errors.js';
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
} from './prompt.js';
import { type Reader, tokenReader } from './token-text.js';
import { readTokenizerFiles } from './tokenizer-files.js';

/** How users write the mask, whatever the model's own mask token is. */
export const MASK = '[MASK]';

/**
 * Ideographs beyond the first 65,536 characters, as BERT's normalizer splits them. The library looks at 16 bits at a
 * time there and misses them.
 */
const IDEOGRAPHS = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

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

export class Tokenizer {
  private constructor(
    private readonly path: string,
    private readonly inner: HubTokenizer,
    private readonly read: Reader,
    /** Undefined for causal models. */
    private readonly mask: { token: string; id: number } | undefined,
    private readonly unknownId: number | undefined,
    private readonly options: TokenizerOptions,
    private readonly splitsIdeographs: boolean,
    /** What was done where its files contradict each other. */
    readonly notes: readonly string[],
  ) {}

  /**
   * Reads `tokenizer.json` and `tokenizer_config.json`.
   * @throws InputError when a file is missing or damaged, or a masked model has no mask token
   */
  static read(tokenizerPath: string, configPath: string, options: TokenizerOptions): Tokenizer {
    const { special, vocabulary, family } = options;
    const { json, config, splitsIdeographs, notes } = readTokenizerFiles(tokenizerPath, configPath, family);
    let inner: HubTokenizer;
    try {
      inner = withTimeLimit(LOAD_MS, 'it takes too long to load', () => new HubTokenizer(json, config));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`${tokenizerPath}: not a tokenizer that can be read: ${reason}`);
    }
    const read = tokenReader(json.decoder?.type);
    const make = (mask?: { token: string; id: number }, unknownId?: number) =>
      new Tokenizer(tokenizerPath, inner, read, mask, unknownId, options, splitsIdeographs, notes);
    if (!special) return make();
    const token = config.mask_token ?? special.mask;
    const id = inner.token_to_id(token);
    if (id === undefined || !Number.isInteger(id) || id < 0 || id >= vocabulary) {
      throw new InputError(`${configPath}: mask_token: "${token}" is not in the vocabulary`);
    }
    const unknownId = inner.token_to_id(config.unk_token ?? special.unknown);
    return make({ token, id }, unknownId);
  }

  /**
   * Encodes a prompt. For a masked model it has exactly one mask, written `[MASK]` or as the model's own mask token;
   * for a causal one it is the text to continue, or ends with `[MASK]`, behind which only punctuation may follow.
   * @throws InputError when the mask is missing or in a wrong place, or the prompt is too long
   */
  encodePrompt(prompt: string): EncodedPrompt {
    const sequence = this.mask ? this.encodeMasked(prompt, this.mask) : this.encodePrefix(prompt);
    const unknown = sequence.ids.some((id) => id === this.unknownId);
    const unknownWords = unknown ? this.unknownWords(prompt) : [];
    const encoded = { prompt, ...sequence, unknownWords, causal: !this.mask };
    checkRoom(encoded, { ids: [0], token: '' }, this.options.maxLength);
    return encoded;
  }

  /** Words and signs of a text that the vocabulary does not have. */
  private unknownWords(text: string): string[] {
    const words = text.replaceAll(MASK, ' ').match(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];
    return [...new Set(words)].filter((word) => this.encode(word, false).ids.includes(this.unknownId ?? -1));
  }

  private encodeMasked(prompt: string, mask: { token: string; id: number }): Sequence & { spaced: boolean } {
    const text = prompt.replaceAll(MASK, () => mask.token);
    const { ids } = this.encode(text, true);
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
    const at = prompt.indexOf(MASK);
    if (at >= 0 && !/^[\p{P}\s]*$/u.test(prompt.slice(at + MASK.length))) {
      throw new InputError(
        `prompt "${prompt}": goes on after ${MASK}; this model continues a text, so only punctuation may follow it`,
      );
    }
    const before = at >= 0 ? prompt.slice(0, at) : prompt;
    const prefix = withoutEnd(before, ' '); // the space belongs to the answer's first token
    const { ids } = this.encode(prefix, true);
    if (ids.length === 0) {
      throw new InputError(`prompt "${prompt}": has no text before the answer; this model continues a text`);
    }
    const spaced = at >= 0 ? prefix !== before : !/\s$/.test(prefix);
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
    const spaced = /^\s/.test(target) ? bare : this.encodeWord(target, ` ${target}`);
    return { ...spaced, bare, words: target.trim() };
  }

  private encodeWord(target: string, text: string): Tokens {
    const { ids } = this.encode(text, false);
    if (ids.length === 0 || target.trim() === '') throw new InputError(`target "${target}": is empty`);
    if (ids.includes(this.unknownId ?? -1)) {
      throw new InputError(`target "${target}": is not in the model's vocabulary; choose a word that is`);
    }
    return this.tokens(ids);
  }

  private encode(text: string, special: boolean): { ids: number[] } {
    let encoded: { ids: number[] };
    try {
      const words = this.splitsIdeographs ? text.replace(IDEOGRAPHS, ' $& ') : text;
      encoded = this.inner.encode(words, { add_special_tokens: special });
    } catch (error) {
      throw new InputError(`${this.path}: not a tokenizer that can be read: ${systemReason(error)}`);
    }
    const { vocabulary } = this.options;
    const wrong = encoded.ids.some((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (wrong) throw new InputError(`${this.path}: gives token ids outside 0 to ${vocabulary - 1}`);
    return encoded;
  }

  /** Id of the unknown token; causal models have none. */
  get unknown(): number | undefined {
    return this.unknownId;
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

/** A text without the run of one character at its end. */
function withoutEnd(text: string, character: string): string {
  let end = text.length;
  while (text[end - 1] === character) end--;
  return text.slice(0, end);
}
