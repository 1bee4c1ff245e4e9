// Perplexity, and what it is made from: how much tokens of real text surprise the model.

/** The surprise of some tokens. */
export interface Surprise {
  /** Sum of -log P over the tokens that were asked for. */
  nats: number;
  /** How many these are. */
  tokens: number;
}

/** exp of the mean surprise; of a model that is lost altogether the largest number that there is. */
export function perplexity({ nats, tokens }: Surprise): number {
  return Math.min(Math.exp(nats / tokens), Number.MAX_VALUE);
}

/** By which share perplexity rose: 0.27 is +27%. Both of the same tokens. */
export function riseOf(before: Surprise, after: Surprise): number {
  return perplexity(after) / perplexity(before) - 1;
}
