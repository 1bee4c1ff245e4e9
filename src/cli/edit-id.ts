// An edit of the ledger where a file could be named as well.

/** The id that a word is; undefined where it is none, as a file's name. */
export function editIdIn(word: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
}
