// How fast something multiplies matrices of the shapes that attribution meets.

/** Makes ready a product of [m, k] with [k, n]; what it returns does one. */
export type Prepare = (m: number, k: number, n: number) => () => void;

export type Shape = readonly [m: number, k: number, n: number];

/** Seconds, from any start. */
export type Clock = () => number;

export const wallClock: Clock = () => performance.now() / 1000;

/** What this process has computed, so that it does not matter who else does: for what works in one thread. */
export const processorClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** In a model of BERT's size: a prompt, and the nodes of a layer at once; that many of the one for one of the other. */
const SHAPES: readonly { shape: Shape; times: number }[] = [
  { shape: [15, 768, 768], times: 8 },
  { shape: [300, 768, 3072], times: 1 },
];

/** Long enough for the clock, short enough for a user who waits. */
const SECONDS = 0.1;
/** What is slower than this, in operations a second, is not measured further. */
const HOPELESS = 2e9;

/**
 * Billions of floating-point operations a second.
 * @param seconds that a shape is measured, at least
 */
export function measureRate(prepare: Prepare, clock: Clock, seconds = SECONDS, shapes = SHAPES): number {
  let operations = 0;
  let time = 0;
  for (const { shape, times } of shapes) {
    if (operations > 0 && operations / time < HOPELESS) break;
    const [m, k, n] = shape;
    operations += times * 2 * m * k * n;
    time += times * timeOf(prepare(m, k, n), clock, seconds);
  }
  return operations / time / 1e9;
}

/** Seconds that a product takes, in the mean. */
function timeOf(multiply: () => void, clock: Clock, seconds: number): number {
  multiply(); // prepares what is kept for the next ones
  const start = clock();
  let count = 0;
  let passed = 0;
  while (passed < seconds) {
    multiply();
    count++;
    passed = clock() - start;
  }
  return passed / count;
}
