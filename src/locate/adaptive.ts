// How many Gauss-Legendre nodes `adaptive` takes: as few as it expects to need, then as many more as it still lacks.
//
// The error of Gauss-Legendre quadrature falls geometrically with the number of nodes: residual(n) is about rho^n. How
// fast is known once a residual has been measured; before that, from what was measured on language models.

/** rho of a layer that decides the answer alone; others have less to integrate, and start with fewer nodes. */
const USUAL = 0.1;
const FEWEST = 2;
/** Beyond this, single precision is what limits the residual. */
export const MOST = 64;

/**
 * Nodes to begin with.
 * @param share |delta| of the layer, relative to the largest: what its residual would be without any node
 */
export function firstSize(share: number, tolerance: number): number {
  return clamp(Math.log(tolerance / share) / Math.log(USUAL), FEWEST, MOST);
}

/** Nodes to go on with, after `size` of them have left a residual above the tolerance. */
export function nextSize(size: number, residual: number, tolerance: number): number {
  const expected =
    residual < 1 ? (size * Math.log(tolerance)) / Math.log(residual) : Number.POSITIVE_INFINITY;
  return Math.min(MOST, clamp(expected, size * 1.2, size * 2.5));
}

/** The whole number from `least` to `most` that is nearest above; also of the infinite. */
function clamp(value: number, least: number, most: number): number {
  return Math.ceil(Math.min(most, Math.max(least, value)));
}
