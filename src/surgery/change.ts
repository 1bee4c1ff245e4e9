// What an operation does to one value vector: a small formula that can be applied, stored, and replayed.
import { norm } from '../numbers.js';

/**
 * `v' = scale * v + |v| * alongNorm + gain * shift` [H]. Every operation compiles to this form (DESIGN: "Surgery"), so an
 * edit can be replayed on whatever vector it finds when an earlier edit is taken back.
 */
export interface Change {
  scale: number;
  /** Multiplied by the norm of v before the edit. */
  alongNorm?: Float32Array | undefined;
  shift?: Float32Array | undefined;
  /** What `shift` is multiplied by, where the vectors of a layer all move along it: the factors of a change of rank one. */
  gain?: number | undefined;
}

/** The vector after the change; the same inputs always give the same bytes. */
export function applyChange(v: Float32Array, { scale, alongNorm, shift, gain = 1 }: Change): Float32Array {
  const length = alongNorm ? norm(v) : 0;
  return v.map((x, i) => scale * x + length * (alongNorm?.[i] ?? 0) + Math.fround(gain * (shift?.[i] ?? 0)));
}
