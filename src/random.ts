// Seeded randomness: the same seed draws the same facts and neurons on every machine.

/** Mulberry32: a generator of numbers in [0, 1) from a 32-bit seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit seed for a generator of its own. */
export function seedFrom(random: () => number): number {
  return Math.floor(random() * 2 ** 32);
}

/**
 * Numbers from the standard normal distribution (Box and Muller 1958). Node computes logarithms and cosines in
 * software, so that they too are the same on every machine.
 */
export function gaussian(random: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random())); // 1 - [0, 1) is never zero
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** Draws the items one by one without replacement, in random order: no more is done than for those that are taken. */
export function* drawing<T>(items: readonly T[], random: () => number): Generator<T, void> {
  // Who stands in a drawn one's place (Fisher and Yates): the last of those that were left.
  const moved = new Map<number, number>();
  for (let left = items.length; left > 0; left--) {
    const place = Math.floor(random() * left);
    yield items[moved.get(place) ?? place] as T;
    moved.set(place, moved.get(left - 1) ?? left - 1);
  }
}

/** Draws `count` of the items without replacement (all of them where there are fewer), in random order. */
export function draw<T>(items: readonly T[], count: number, random: () => number): T[] {
  const pool = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && pool.length > 0) {
    const [item] = pool.splice(Math.floor(random() * pool.length), 1);
    drawn.push(item as T);
  }
  return drawn;
}
