// The ordinary text of a model's background: what an edit must leave as it is beside the facts.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.js';
import type { BaseFact } from '../spec/fact-base.js';
import { readText } from '../spec/json.js';
import { FACTS_IN_WORDS, LENGTHS, sentencesOf, spread } from './sentences.js';
import type { KeptText } from './store.js';
import { inParts, portions, type Work } from './work.js';

/** English prose that ships with the program; its README says whose. */
const SHIPPED = fileURLToPath(new URL('../../fixtures/text', import.meta.url));

/** Tokens that a background has, about. */
const TOKENS = 32_768;
/** Those on which perplexity is measured, about, with every edit and every control: of a masked model's a seventh is asked for. */
const PROBED = { causal: 1024, masked: 2048 };
/** A share of the text that is not worth naming its source. */
const SLIGHT = 0.01;
/** Of one sentence, at most. */
const LONGEST = 128;
/** Sentences that are encoded at a time. */
const AT_ONCE = 500;

/** The text files that are read unless others are named. */
export function shippedText(): string[] {
  const names = readdirSync(SHIPPED).filter((name) => name.endsWith('.txt'));
  return names.sort().map((name) => join(SHIPPED, name));
}

/** The sentences of some files. */
export interface Sentences {
  files: readonly string[];
  /** In an order of which every beginning is spread over all files. */
  sentences: readonly string[];
}

/** @throws InputError when a file cannot be read, or none of them has a sentence */
export function readSentences(files: readonly string[]): Sentences {
  const sentences = spread(files.flatMap((file) => sentencesOf(readText(file))));
  if (sentences.length > 0) return { files, sentences };
  throw new InputError(
    `${files.join(', ')}: has no sentence of ${LENGTHS.least} to ${LENGTHS.most} characters; name another text (kn-edit background build --text FILE)`,
  );
}

/**
 * Of some sentences, about 32,768 tokens. Those with words that the vocabulary does not have are left out; where the others are
 * too few, facts of the model in words make up for them.
 * @returns undefined when there is nothing that the model can read
 */
export async function chooseText(
  work: Work,
  { files, sentences }: Sentences,
  facts: readonly BaseFact[],
): Promise<KeptText | undefined> {
  const texts = await encodeUpTo(work, sentences, TOKENS);
  const [ownTexts, ownTokens] = [texts.length, tokensOf(texts)];
  const lacking = TOKENS - ownTokens;
  if (lacking > 0) texts.push(...(await encodeUpTo(work, spread(factSentences(facts)), lacking)));
  if (texts.length === 0) return undefined;
  const probed = upTo(texts, work.model.causal ? PROBED.causal : PROBED.masked);
  return {
    fingerprint: work.model.fingerprint,
    sources: [
      ...(ownTokens > SLIGHT * tokensOf(texts) ? files.map((file) => basename(file)) : []),
      ...(ownTexts < texts.length ? [FACTS_IN_WORDS] : []),
    ],
    texts,
    probed: probed.length,
    surprise: await measureSurprise(work, probed),
  };
}

/** No text that a model can read. @param files where it was looked for */
export function noText(files: readonly string[]): InputError {
  return new InputError(
    `${files.join(', ')}: has no sentence in words that the model's vocabulary has; name another text (kn-edit background build --text FILE)`,
  );
}

/** How much texts surprise the model in the state in which `work` is done. */
export async function measureSurprise(work: Work, texts: readonly number[][]): Promise<KeptText['surprise']> {
  const parts = await inParts(work, 'text', portions(texts), (own) => work.run('surprise', { texts: own }));
  return {
    nats: parts.reduce((sum, { nats }) => sum + nats, 0),
    tokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

async function encodeUpTo(work: Work, sentences: readonly string[], tokens: number): Promise<number[][]> {
  const most = Math.min(LONGEST, work.model.maxLength);
  const texts: number[][] = [];
  for (let from = 0; from < sentences.length && tokensOf(texts) < tokens; from += AT_ONCE) {
    const found = await work.run('encodeTexts', { texts: sentences.slice(from, from + AT_ONCE) });
    texts.push(...found.flatMap(({ ids, unknown }) => (unknown === 0 && ids.length <= most ? [ids] : [])));
  }
  return upTo(texts, tokens);
}

/** The first texts, until they have so many tokens. */
export function upTo(texts: readonly number[][], tokens: number): number[][] {
  let sum = 0;
  const end = texts.findIndex(({ length }) => {
    sum += length;
    return sum >= tokens;
  });
  return end < 0 ? [...texts] : texts.slice(0, end + 1);
}

export function tokensOf(texts: readonly number[][]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

/** Every fact in all its wordings, with the answer in its place. */
function factSentences(facts: readonly BaseFact[]): string[] {
  return facts.flatMap(({ prompts, heldOut, object }) =>
    [...prompts, ...heldOut].map((prompt) => prompt.replace('[MASK]', () => object)),
  );
}
