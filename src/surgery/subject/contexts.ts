// Neutral sentences that a fact is put behind, so that what is learnt of its subject does not hang on how a text begins.

/** Of several lengths; none speaks of anything that facts are about. The empty one is the wording by itself. */
export const CONTEXTS: readonly string[] = [
  '',
  'The weather was mild that day. ',
  'He closed the door and sat down. ',
  'In the end, nothing had changed, and everyone went home early. ',
];
