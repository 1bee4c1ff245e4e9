// Answers of two models that are the same but for rounding.
import type { ProbeAnswer } from 'kn-edit';
import { expect } from 'vitest';
import { relativeError } from './golden.js';

/**
 * Expects the same answers, as an edited session and the model that it exports have them: the vectors of an edit are added to
 * the product of the others, those of a file are part of it.
 */
export function expectSameAnswers(found: ProbeAnswer, expected: ProbeAnswer): void {
  const answers = ({ top, target }: ProbeAnswer) => [...top, ...(target ? [target] : [])];
  const numbers = (one: ProbeAnswer) => answers(one).map(({ prob }) => prob);
  const names = (one: ProbeAnswer) => answers(one).map(({ token }) => token);
  expect(names(found)).toEqual(names(expected));
  expect(found.target?.rank).toBe(expected.target?.rank);
  expect(relativeError(numbers(found), numbers(expected))).toBeLessThan(1e-5);
}
