// Perplexity, and what it is made from: how much tokens of real text surprise the model.

/** The surprise of some tokens. */
export interface Surprise {
  /** Sum of -log P over the tokens that were asked for. */
  nats: number;
  /** How many these are. */
  tokens: number;
}

/** exp of the mean surprise. */
export function perplexity({ nats, tokens }: Surprise): number {
  return Math.exp(nats / tokens);
}
