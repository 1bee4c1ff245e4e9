// Work that several ask for, and that is done once.

/** Does the work when it is first asked for; what failed is done again when it is asked for again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    if (found) return found;
    const doing = work();
    found = doing;
    doing.catch(() => {
      found = undefined;
    });
    return doing;
  };
}
