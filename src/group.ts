// Items in groups.

/** Items by what they have in common, in the order in which that comes first. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** The largest of some groups, in the order of all. */
export function largestOf<T>(groups: readonly T[], most: number, size: (group: T) => number): T[] {
  const largest = new Set([...groups].sort((a, b) => size(b) - size(a)).slice(0, most));
  return groups.filter((group) => largest.has(group));
}
