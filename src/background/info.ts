// What there is of a model's background, and what one is built from; plain data for every face of the program.
import { perplexity } from '../probe/perplexity.js';
import type { BackgroundStore, KeptLayer } from './store.js';
import { tokensOf } from './text.js';

/** What a background is built from. */
export interface BackgroundFiles {
  /** Fact bases that are asked beside the model's own and those that ship with the program. */
  facts?: readonly string[] | undefined;
  /** Texts in place of the one that ships with it. */
  text?: readonly string[] | undefined;
}

/** A background, as far as there is one; the shape that scripts read. */
export interface BackgroundInfo {
  directory: string;
  /** Null before it is built. */
  facts: {
    sources: string[];
    asked: number;
    known: number;
    relations: { relation: string; asked: number; known: number }[];
  } | null;
  /** Null before it is built, or first needed. */
  text: {
    sources: string[];
    texts: number;
    tokens: number;
    /** Of the base, on the first of the texts. */
    perplexity: number;
    probedTokens: number;
  } | null;
  /** Layers whose covariance has been computed. */
  covariance: KeptLayer[];
}

/** What there is of a background. @throws InputError when a file of it is damaged */
export function describeBackground(store: BackgroundStore): BackgroundInfo {
  const facts = store.facts();
  const text = store.text();
  const known = facts?.bases.flat() ?? [];
  return {
    directory: store.directory,
    facts: facts
      ? {
          sources: facts.sources,
          asked: Object.values(facts.asked).reduce((sum, count) => sum + count, 0),
          known: known.length,
          relations: Object.entries(facts.asked).map(([relation, asked]) => {
            return { relation, asked, known: known.filter((one) => one.relation === relation).length };
          }),
        }
      : null,
    text: text
      ? {
          sources: text.sources,
          texts: text.texts.length,
          tokens: tokensOf(text.texts),
          perplexity: perplexity(text.surprise),
          probedTokens: text.surprise.tokens,
        }
      : null,
    covariance: text ? store.layers().filter(({ layer }) => store.covariance(layer, text)) : [],
  };
}
