// How fast something multiplies matrices of the shapes that attribution meets.

/** Makes ready a product of [m, k] with [k, n]; what it returns does one. */
export type Prepare = (m: number, k: number, n: number) => () => void;

export type Shape = readonly [m: number, k: number, n: number];

/** In a model of BERT's size: a prompt, and the nodes of a layer at once; that many of the one for one of the other. */
export const SHAPES: readonly { shape: Shape; times: number }[] = [
  { shape: [15, 768, 768], times: 8 },
  { shape: [300, 768, 3072], times: 1 },
];

/** Long enough for the clock, short enough for a user who waits. */
const SECONDS = 0.2;
/** What is slower than this, in operations a second, is not measured further. */
const HOPELESS = 2e9;

/**
 * Billions of floating-point operations a second. Of each shape, the fastest product counts: others had to share the
 * processor.
 * @param seconds that a shape is measured, at least
 */
export function measureRate(prepare: Prepare, seconds = SECONDS, shapes = SHAPES): number {
  let operations = 0;
  let time = 0;
  for (const { shape, times } of shapes) {
    if (operations > 0 && operations / time < HOPELESS) break;
    const [m, k, n] = shape;
    operations += times * 2 * m * k * n;
    time += times * fastest(prepare(m, k, n), seconds);
  }
  return operations / time / 1e9;
}

/** @returns seconds */
function fastest(multiply: () => void, seconds: number): number {
  multiply(); // prepares what is kept for the next ones
  const start = performance.now();
  let least = Number.POSITIVE_INFINITY;
  for (let now = start; now - start < 1000 * seconds; ) {
    const before = now;
    multiply();
    now = performance.now();
    least = Math.min(least, now - before);
  }
  return least / 1000;
}
