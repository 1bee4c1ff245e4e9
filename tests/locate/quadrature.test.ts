// Quadrature rules against closed forms: what each must integrate exactly, and the nodes that define it.
import { describe, expect, it } from 'vitest';
import { FIXED_RULES, type Quadrature, quadrature } from '../../src/locate/quadrature.js';

const integrate = ({ nodes, weights }: Quadrature, f: (x: number) => number) =>
  nodes.reduce((sum, x, k) => sum + (weights[k] ?? 0) * f(x), 0);

describe('every rule', () => {
  it.each(FIXED_RULES)('%s: weights sum to 1, nodes lie in [0, 1]', (rule) => {
    for (const m of [2, 3, 20, 64]) {
      const points = quadrature(rule, m);
      expect(points.nodes).toHaveLength(rule === 'graded-gauss-legendre' ? 11 * m : m);
      expect(integrate(points, () => 1)).toBeCloseTo(1, 12);
      expect(points.nodes.every((x) => x >= 0 && x <= 1)).toBe(true);
    }
  });

  it('has the nodes of its definition', () => {
    expect(quadrature('riemann-left', 4).nodes).toEqual([0, 0.25, 0.5, 0.75]);
    expect(quadrature('riemann-right', 4).nodes).toEqual([0.25, 0.5, 0.75, 1]);
    expect(quadrature('riemann-midpoint', 2).nodes).toEqual([0.25, 0.75]);
    expect(quadrature('uniform', 3)).toEqual({ nodes: [0, 0.5, 1], weights: [1 / 3, 1 / 3, 1 / 3] });
    expect(quadrature('trapezoid', 3)).toEqual({ nodes: [0, 0.5, 1], weights: [0.25, 0.5, 0.25] });
  });

  it('refuses sizes that make no rule', () => {
    expect(() => quadrature('uniform', 1)).toThrow(/at least 2/);
    expect(() => quadrature('gauss-legendre', 0)).toThrow(/at least 1/);
  });
});

describe('gauss-legendre', () => {
  it.each([1, 2, 5, 13, 48, 64])('with %i nodes integrates polynomials up to degree 2m-1 exactly', (m) => {
    const points = quadrature('gauss-legendre', m);
    for (let degree = 0; degree <= 2 * m - 1; degree++) {
      expect(integrate(points, (x) => x ** degree)).toBeCloseTo(1 / (degree + 1), 12);
    }
  });

  it('has the known two-point nodes', () => {
    const { nodes } = quadrature('gauss-legendre', 2);
    expect(nodes[0]).toBeCloseTo(0.5 - Math.sqrt(3) / 6, 14);
    expect(nodes[1]).toBeCloseTo(0.5 + Math.sqrt(3) / 6, 14);
  });
});

describe('graded-gauss-legendre', () => {
  it('resolves what happens near zero, where the plain rule sees nothing of it', () => {
    // The derivative of x / sqrt(x^2 + c^2): all of its change lies in the corner below a few c.
    for (const c of [1e-4, 1e-5]) {
      const slope = (x: number) => c ** 2 / (x ** 2 + c ** 2) ** 1.5;
      const change = 1 / Math.sqrt(1 + c ** 2);
      expect(Math.abs(integrate(quadrature('graded-gauss-legendre', 12), slope) - change)).toBeLessThan(1e-9);
      expect(Math.abs(integrate(quadrature('gauss-legendre', 132), slope) - change)).toBeGreaterThan(0.03);
    }
  });

  it('has the nodes of Gauss-Legendre on each of its intervals', () => {
    const { nodes } = quadrature('graded-gauss-legendre', 1);
    expect(nodes.slice(-3)).toEqual([(1 / 16 + 1 / 64) / 2, (1 / 4 + 1 / 16) / 2, (1 + 1 / 4) / 2]);
    expect(nodes[0]).toBe(4 ** -10 / 2);
  });
});
