// Neutral sentences that a fact is put behind, so that what is learnt of its subject does not hang on how a text begins.

/**
 * None speaks of anything that facts are about. Of seven common words each, so that with most tokenizers a wording behind
 * them has one length, and all of them run together. The empty one is the wording by itself.
 */
export const CONTEXTS: readonly string[] = [
  '',
  'The weather was mild on that day. ',
  'He closed the door and sat down. ',
  'They went home late in the evening. ',
];
