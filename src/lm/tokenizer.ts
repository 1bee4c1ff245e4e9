// From text to token ids and back: prompts with their target position, targets of one token.
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { InputError, systemReason } from '../errors.js';
import { readJson } from '../spec/json.js';

/** How users write the mask, whatever the model's own mask token is. */
export const MASK = '[MASK]';

const tokenText = z.union([
  z.string(),
  z.object({ content: z.string() }).transform((token) => token.content),
]);
const tokenizerFile = z.looseObject({ model: z.looseObject({ vocab: z.unknown() }) });
const configFile = z.looseObject({
  mask_token: tokenText.nullish(),
  unk_token: tokenText.nullish(),
});

/** A prompt as the model sees it. */
export interface EncodedPrompt {
  prompt: string;
  ids: number[];
  /** Index of the target position in `ids`. */
  position: number;
  /** Words that the vocabulary does not have (they became the unknown token). */
  unknownTokens: number;
}

/** An object as users give it: a word, or a token id. */
export type Target = string | { id: number };

export class Tokenizer {
  private constructor(
    private readonly path: string,
    private readonly inner: HubTokenizer,
    private readonly maskToken: string,
    private readonly maskId: number,
    private readonly unknownId: number | undefined,
    private readonly vocabulary: number,
    private readonly maxLength: number,
  ) {}

  /**
   * Reads `tokenizer.json` and `tokenizer_config.json`.
   * @param vocabulary the model's number of token ids
   * @param maxLength the longest sequence that the model takes, in tokens
   * @throws InputError when a file is missing or damaged, or there is no mask token
   */
  static read(tokenizerPath: string, configPath: string, vocabulary: number, maxLength: number): Tokenizer {
    const json = readJson(tokenizerPath, tokenizerFile);
    const config = readJson(configPath, configFile);
    let inner: HubTokenizer;
    try {
      inner = new HubTokenizer(json, config);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`${tokenizerPath}: not a tokenizer that can be read: ${reason}`);
    }
    const maskToken = config.mask_token;
    if (!maskToken) throw new InputError(`${configPath}: mask_token: is missing; a masked model needs one`);
    const maskId = inner.token_to_id(maskToken);
    if (!Number.isInteger(maskId) || maskId < 0 || maskId >= vocabulary) {
      throw new InputError(`${configPath}: mask_token: "${maskToken}" is not in the vocabulary`);
    }
    const unknownId = config.unk_token ? inner.token_to_id(config.unk_token) : undefined;
    return new Tokenizer(tokenizerPath, inner, maskToken, maskId, unknownId, vocabulary, maxLength);
  }

  /**
   * Encodes a prompt with exactly one mask, written `[MASK]` or as the model's own mask token.
   * @throws InputError when there is no mask, or more than one, or the prompt is too long
   */
  encodePrompt(prompt: string): EncodedPrompt {
    const { ids } = this.encode(prompt.replaceAll(MASK, this.maskToken), true);
    const masks = ids.flatMap((id, index) => (id === this.maskId ? [index] : []));
    const [position] = masks;
    if (position === undefined) {
      throw new InputError(`prompt "${prompt}": has no ${MASK}; write ${MASK} where the answer belongs`);
    }
    if (masks.length > 1) {
      throw new InputError(`prompt "${prompt}": has ${masks.length} masks; leave exactly one ${MASK}`);
    }
    if (ids.length > this.maxLength) {
      throw new InputError(
        `prompt "${prompt}": ${ids.length} tokens, the model takes at most ${this.maxLength}; shorten it`,
      );
    }
    const unknownTokens = ids.filter((id) => id === this.unknownId).length;
    return { prompt, ids, position, unknownTokens };
  }

  /**
   * The one token id of a target.
   * @throws InputError when it is not in the vocabulary, or is several tokens (they are named)
   */
  encodeTarget(target: Target): number {
    if (typeof target !== 'string') {
      if (target.id >= this.vocabulary) {
        throw new InputError(
          `target id ${target.id}: the vocabulary has only the ids 0 to ${this.vocabulary - 1}`,
        );
      }
      return target.id;
    }
    const { ids, tokens } = this.encode(target, false);
    const [id] = ids;
    if (id === undefined) throw new InputError(`target "${target}": is empty`);
    if (ids.includes(this.unknownId ?? -1)) {
      throw new InputError(`target "${target}": is not in the model's vocabulary; choose a word that is`);
    }
    if (ids.length > 1) {
      throw new InputError(
        `target "${target}": is ${ids.length} tokens (${tokens.join(' ')}); targets of one token are supported`,
      );
    }
    return id;
  }

  private encode(text: string, special: boolean): { ids: number[]; tokens: string[] } {
    let encoded: { ids: number[]; tokens: string[] };
    try {
      encoded = this.inner.encode(text, { add_special_tokens: special });
    } catch (error) {
      throw new InputError(`${this.path}: not a tokenizer that can be read: ${systemReason(error)}`);
    }
    const wrong = encoded.ids.some((id) => !Number.isInteger(id) || id < 0 || id >= this.vocabulary);
    if (wrong) throw new InputError(`${this.path}: gives token ids outside 0 to ${this.vocabulary - 1}`);
    return encoded;
  }

  /** Id of the unknown token. @throws InputError when the model has none */
  unknown(): number {
    if (this.unknownId === undefined)
      throw new InputError('this model has no unknown token; erase to "zero"');
    return this.unknownId;
  }

  /** The text of a token id. */
  token(id: number): string {
    const text: unknown = this.inner.id_to_token(id);
    return typeof text === 'string' ? text : `<${id}>`;
  }
}
