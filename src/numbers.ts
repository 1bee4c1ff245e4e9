// Numbers of lists, which may be longer than a call can have arguments.

/** The largest of some numbers; undefined when there are none. NaN when one of them is that. */
export function largest(values: Iterable<number>): number | undefined {
  let found: number | undefined;
  for (const value of values) found = found === undefined ? value : Math.max(found, value);
  return found;
}

/** The smallest of some numbers; undefined when there are none. NaN when one of them is that. */
export function smallest(values: Iterable<number>): number | undefined {
  let found: number | undefined;
  for (const value of values) found = found === undefined ? value : Math.min(found, value);
  return found;
}
