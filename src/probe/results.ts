// Probe results and the regression check: what a set of measurements before and after an edit amounts to.
import type { Tolerance } from '../spec/edit-file.js';

/** `target`: the locating prompts; `paraphrase`: held-out wordings; the others should not change. */
export type Role = 'target' | 'paraphrase' | 'neighborhood' | 'unrelated';

export const ROLES: readonly Role[] = ['target', 'paraphrase', 'neighborhood', 'unrelated'];

/** One possible answer. */
export interface Answer {
  id: number;
  token: string;
  prob: number;
}

/** One prompt, measured; the shape that scripts read. */
export interface ProbeResult {
  role: Role;
  prompt: string;
  /** The answer whose probability and rank are measured. */
  expect: string;
  /** Its token, of several the first. */
  expectId: number;
  /** Its tokens, where there are several. */
  expectIds?: number[] | undefined;
  /** Of several tokens, the most probable one in the place of each. */
  expectBest?: number[] | undefined;
  /** Of several tokens, the joint probability. */
  prob: number;
  /** 1 is the top answer; of several tokens, the worst of their ranks. */
  rank: number;
  /** For a rewrite, of the new answer. */
  newId?: number | undefined;
  newIds?: number[] | undefined;
  newBest?: number[] | undefined;
  newProb?: number | undefined;
  newRank?: number | undefined;
  /** For a rewrite, of the old answer. */
  oldId?: number | undefined;
  oldIds?: number[] | undefined;
  oldProb?: number | undefined;
  /** After an edit: KL divergence of the answers from those before it, in nats. */
  kl?: number | undefined;
  top: Answer[];
}

/** The tokens of an answer: all of them where they are listed, else the one. */
export function answerTokens(id: number, ids: readonly number[] | undefined): readonly number[] {
  return ids ?? [id];
}

/** The geometric mean over an answer's tokens: exp of its mean log-probability. */
export function perToken(prob = 0, tokens = 1): number {
  return prob ** (1 / tokens);
}

/** The edit's own probes; the others are of facts that it should leave alone. */
export function isOwn({ role }: Pick<ProbeResult, 'role'>): boolean {
  return role === 'target' || role === 'paraphrase';
}

/** Something that should not have changed and did. */
export interface Regression {
  /** `edited`: a prompt of an earlier edit, which lost what that edit reached. */
  role: Role | 'edited';
  /** The earlier edit. */
  edit?: { id: number; name: string } | undefined;
  prompt: string;
  /** The answer that should have stayed. */
  expect: string;
  /** `top1`: another answer is on top; `probability`: the expected answer lost more than the tolerance allows. */
  kind: 'top1' | 'probability';
  before: Side;
  after: Side;
}

/** One side of a regression. */
export interface Side {
  /** The top answer, and its probability. */
  answer: string;
  answerProb: number;
  /** Probability of the answer that should have stayed. */
  prob: number;
}

/** @param prob of the answer that should have stayed */
export function sideOf({ top: [first] }: ProbeResult, prob: number): Side {
  return { answer: first?.token ?? '', answerProb: first?.prob ?? 0, prob };
}

/** Averages of one role's probes. */
export interface RoleMetrics {
  role: Role;
  count: number;
  /** Mean probability of the expected answer. */
  probBefore: number;
  probAfter: number;
  /** Share of probes whose top answer is the expected one. */
  top1Before: number;
  top1After: number;
  /** Share of probes whose top answer is the same before and after. */
  unchanged: number;
  /** For a rewrite: mean probability of the new answer, and share of probes that it tops. */
  newProbBefore?: number | undefined;
  newProbAfter?: number | undefined;
  newTop1After?: number | undefined;
}

/**
 * Regressions of the neighbourhood and unrelated probes, worst loss of probability first.
 * @param before and `after` in the same order
 */
export function regressions(
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
  tolerance: Tolerance,
): Regression[] {
  return before
    .flatMap((was, i): Regression[] => {
      const now = after[i];
      if (!now || isOwn(was)) return [];
      const { role, prompt, expect } = was;
      const found = { role, prompt, expect, before: sideOf(was, was.prob), after: sideOf(now, now.prob) };
      // That the expected answer comes to the top is no loss.
      if (tolerance.top1 === 'unchanged' && was.top[0]?.id !== now.top[0]?.id && now.rank !== 1)
        return [{ ...found, kind: 'top1' }];
      if (was.prob - now.prob > tolerance.maxProbabilityDrop) return [{ ...found, kind: 'probability' }];
      return [];
    })
    .sort(worstFirst);
}

/** Orders regressions by the probability that was lost. */
export function worstFirst(a: Regression, b: Regression): number {
  return b.before.prob - b.after.prob - (a.before.prob - a.after.prob);
}

/** Averages by role, for the roles that have probes. `after` in the order of `before`. */
export function roleMetrics(before: readonly ProbeResult[], after: readonly ProbeResult[]): RoleMetrics[] {
  return ROLES.flatMap((role) => {
    const pairs = before.flatMap((was, i) => {
      const now = after[i];
      return was.role === role && now ? [{ was, now }] : [];
    });
    if (pairs.length === 0) return [];
    const mean = (value: (pair: (typeof pairs)[number]) => number) =>
      pairs.reduce((sum, pair) => sum + value(pair), 0) / pairs.length;
    const rewritten = pairs[0]?.was.newProb !== undefined;
    return [
      {
        role,
        count: pairs.length,
        probBefore: mean(({ was }) => was.prob),
        probAfter: mean(({ now }) => now.prob),
        top1Before: mean(({ was }) => Number(was.rank === 1)),
        top1After: mean(({ now }) => Number(now.rank === 1)),
        unchanged: mean(({ was, now }) => Number(was.top[0]?.id === now.top[0]?.id)),
        ...(rewritten && {
          newProbBefore: mean(({ was }) => was.newProb ?? 0),
          newProbAfter: mean(({ now }) => now.newProb ?? 0),
          newTop1After: mean(({ now }) => Number(now.newRank === 1)),
        }),
      },
    ];
  });
}
