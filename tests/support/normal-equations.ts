// The normal equations of several rewrites of one layer (MEMIT, Meng et al. 2023, equation 14), as they come
// apart into those of each fact, dense, by Gaussian elimination.
import type { LanguageModel } from '../../src/lm/language-model.js';
import { exactly } from '../../src/lm/prompt.js';
import { RIDGE } from '../../src/surgery/linear-algebra.js';
import type { Metric } from '../../src/surgery/metric.js';
import { Subjects } from '../../src/surgery/subject/delta.js';
import { factTexts } from '../../src/surgery/subject/texts.js';
import { entriesOf } from './metric.js';

export const LAYER = 1;

type Matrix = number[][];

/** What the fact's own keys may weigh in its own equations. */
const OWN = [1 / 16, 1 / 4, 1, 4];

/**
 * @param metric C of the layer
 * @param changes of each fact's edit, what it adds to the layer's value vectors [F, H]
 * @returns their sum, and that of the solutions D_j of M_j D_j = k_j r_j' [F, H], where M_j = C + sum_i c_i A_i' A_i / n_i +
 *   ridge, with A_i the activations at the subject in the texts of fact i, c_i = 1 but for the fact's own (of its weights, the
 *   one that comes nearest), k_j their mean, and r_j so long that k_j is answered as it was by edit j
 */
export function normalEquations(
  model: LanguageModel,
  metric: Metric,
  facts: readonly { subject: string; prompts: readonly string[] }[],
  changes: readonly Matrix[],
): { found: Matrix; expected: Matrix } {
  const { neurons: size, hidden } = model.info;
  const entry = entriesOf(metric);
  const rows = facts.map(({ subject, prompts }) => activationsAt(model, subject, prompts));
  const solution = (j: number, weight: number): Matrix => {
    const m: Matrix = zeros(size, size).map((row, i) => row.map((_, k) => entry(i, k)));
    for (const [i, all] of rows.entries()) {
      for (const a of all) addOuter(m, a, a, (i === j ? weight : 1) / all.length);
    }
    const ridge = (RIDGE * m.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)) / size;
    m.forEach((row, i) => {
      row[i] = (row[i] ?? 0) + ridge;
    });
    const own = rows[j] ?? [];
    const key = own[0]?.map((_, i) => own.reduce((sum, a) => sum + (a[i] ?? 0), 0) / own.length) ?? [];
    const w = solve(
      m,
      key.map((x) => [x]),
    ).map(([x = 0]) => x);
    const answered = Array.from({ length: hidden }, (_, h) => {
      return dot(key, changes[j]?.map((row) => row[h] ?? 0) ?? []);
    });
    const d = zeros(size, hidden);
    addOuter(d, w, answered, 1 / dot(key, w));
    return d;
  };
  const nearest = changes.map((change, j) => {
    const all = OWN.map((weight) => solution(j, weight));
    return all.reduce((best, one) => (distance(one, change) < distance(best, change) ? one : best));
  });
  return { found: sum(changes), expected: sum(nearest) };
}

function sum(matrices: readonly Matrix[]): Matrix {
  return (matrices[0] ?? []).map((row, i) =>
    row.map((_, h) => matrices.reduce((all, one) => all + (one[i]?.[h] ?? 0), 0)),
  );
}

function distance(one: Matrix, other: Matrix): number {
  return Math.max(...one.flatMap((row, i) => row.map((x, h) => Math.abs(x - (other[i]?.[h] ?? 0)))));
}

function activationsAt(model: LanguageModel, subject: string, wordings: readonly string[]): Matrix {
  const prompts = wordings.map((one) => model.tokenizer.encodePrompt(one));
  const { texts } = factTexts(model, { subject, prompts, target: exactly({ ids: [0], token: '' }) });
  const subjects = new Subjects(model, texts, LAYER);
  const { neurons } = model.info;
  try {
    const keys = subjects.keys();
    return texts.map((_, i) => [...keys.subarray(i * neurons, (i + 1) * neurons)]);
  } finally {
    subjects.free();
  }
}

/** X of M X = B, with partial pivoting. */
function solve(matrix: Matrix, right: Matrix): Matrix {
  const rows = matrix.map((row, i) => [...row, ...(right[i] ?? [])]);
  const size = matrix.length;
  for (let at = 0; at < size; at++) {
    const below = rows.slice(at).map((row) => Math.abs(row[at] ?? 0));
    const pivot = at + below.indexOf(Math.max(...below));
    [rows[at], rows[pivot]] = [rows[pivot] ?? [], rows[at] ?? []];
    const own = rows[at] ?? [];
    const head = own[at] ?? 1;
    rows[at] = own.map((x) => x / head);
    rows.forEach((row, i) => {
      const factor = row[at] ?? 0;
      if (i !== at && factor !== 0) rows[i] = row.map((x, j) => x - factor * (rows[at]?.[j] ?? 0));
    });
  }
  return rows.map((row) => row.slice(size));
}

function zeros(rows: number, columns: number): Matrix {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
}

/** Adds `weight * x y'`. */
function addOuter(matrix: Matrix, x: readonly number[], y: readonly number[], weight: number): void {
  matrix.forEach((row, i) => {
    y.forEach((one, j) => {
      row[j] = (row[j] ?? 0) + weight * (x[i] ?? 0) * one;
    });
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}
