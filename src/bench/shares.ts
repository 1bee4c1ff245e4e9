// Where the time of some work goes: into matrix products, into other kernels, and into what lies between them. It is the
// processor's time, which other programs do not lengthen.
import { processorClock } from '../engine/choice/rate.js';
import { PRODUCTS, watchingKernels } from './kernels.js';

export interface Share {
  /** Of a kernel. */
  name: string;
  seconds: number;
}

export interface Shares {
  /** Of all. */
  seconds: number;
  /** In matrix products. */
  products: number;
  /** The rest, part by part, the longest first. */
  rest: Share[];
}

/** What no kernel takes: layers, the engine's bookkeeping, garbage. */
const BETWEEN = 'JavaScript';

/** Runs some work. @returns what its parts took; a kernel that calls another one is not charged for it */
export function measureShares(work: () => unknown): Shares {
  const own = new Map<string, number>();
  let inside = 0; // seconds in kernels since the outermost one began
  const start = processorClock();
  watchingKernels(({ name, run }) => {
    const before = inside;
    inside = 0;
    const started = processorClock();
    const out = run();
    const took = processorClock() - started;
    own.set(name, (own.get(name) ?? 0) + took - inside);
    inside = before + took;
    return out;
  }, work);
  const seconds = processorClock() - start;
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + (own.get(name) ?? 0), 0);
  const products = sum(PRODUCTS);
  const others = [...own.keys()].filter((name) => !PRODUCTS.includes(name));
  const rest = others.map((name) => ({ name, seconds: own.get(name) ?? 0 }));
  rest.push({ name: BETWEEN, seconds: seconds - inside });
  return { seconds, products, rest: rest.sort((a, b) => b.seconds - a.seconds) };
}
