// Quadrature rules on [0, 1]: the nodes at which an integral along the path is sampled, and their weights.

/** Rules with a fixed number of nodes. */
export const FIXED_RULES = [
  'riemann-left',
  'riemann-right',
  'riemann-midpoint',
  'uniform',
  'trapezoid',
  'gauss-legendre',
  'graded-gauss-legendre',
] as const;

export type FixedRule = (typeof FIXED_RULES)[number];

/** `adaptive` is Gauss-Legendre with as many nodes, on as many intervals, as the completeness residual asks for. */
export const RULES = ['adaptive', ...FIXED_RULES] as const;

export type Rule = (typeof RULES)[number];

export interface Quadrature {
  /** alpha_k in [0, 1] */
  nodes: number[];
  /** w_k */
  weights: number[];
}

/** Where the intervals of `graded-gauss-legendre` meet: 0, 4^-10, 4^-9, ..., 1/4, 1. */
const GRADED = [0, ...Array.from({ length: 11 }, (_, i) => 4 ** (i - 10))];

/**
 * Nodes and weights of a rule with `m` nodes, or, graded, with `m` nodes on each interval.
 * `riemann-left` is the released code of Dai et al., `riemann-right` their text, `uniform` EleutherAI's code.
 * @throws RangeError when the rule needs more nodes than `m`
 */
export function quadrature(rule: FixedRule, m: number): Quadrature {
  const least = rule === 'uniform' || rule === 'trapezoid' ? 2 : 1;
  if (!Number.isInteger(m) || m < least) throw new RangeError(`${rule} needs at least ${least} steps`);
  const each = (node: (k: number) => number, weight: (k: number) => number): Quadrature => ({
    nodes: Array.from({ length: m }, (_, k) => node(k)),
    weights: Array.from({ length: m }, (_, k) => weight(k)),
  });
  switch (rule) {
    case 'riemann-left':
      return each(
        (k) => k / m,
        () => 1 / m,
      );
    case 'riemann-right':
      return each(
        (k) => (k + 1) / m,
        () => 1 / m,
      );
    case 'riemann-midpoint':
      return each(
        (k) => (k + 0.5) / m,
        () => 1 / m,
      );
    case 'uniform':
      return each(
        (k) => k / (m - 1),
        () => 1 / m,
      );
    case 'trapezoid':
      return each(
        (k) => k / (m - 1),
        (k) => (k === 0 || k === m - 1 ? 0.5 : 1) / (m - 1),
      );
    case 'gauss-legendre':
      return gaussLegendre(m);
    case 'graded-gauss-legendre': {
      const parts = GRADED.slice(1).map((to, i) => gaussLegendreOn(GRADED[i] ?? 0, to, m));
      return {
        nodes: parts.flatMap(({ nodes }) => nodes),
        weights: parts.flatMap(({ weights }) => weights),
      };
    }
  }
}

/** Gauss-Legendre with `m` nodes on an interval. */
export function gaussLegendreOn(from: number, to: number, m: number): Quadrature {
  const { nodes, weights } = gaussLegendre(m);
  const length = to - from;
  return { nodes: nodes.map((x) => from + length * x), weights: weights.map((w) => length * w) };
}

/** Gauss-Legendre on [0, 1]: the roots of the Legendre polynomial P_m by Newton's method, from Chebyshev's guess. */
function gaussLegendre(m: number): Quadrature {
  const nodes = new Array<number>(m);
  const weights = new Array<number>(m);
  for (let i = 0; i < m; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (m + 0.5));
    let slope = 0;
    for (let round = 0; round < 100; round++) {
      let previous = 1; // P_0
      let current = x; // P_1
      for (let n = 2; n <= m; n++) {
        [previous, current] = [current, ((2 * n - 1) * x * current - (n - 1) * previous) / n];
      }
      slope = (m * (x * current - previous)) / (x * x - 1);
      const step = current / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    nodes[m - 1 - i] = (1 + x) / 2;
    weights[m - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
