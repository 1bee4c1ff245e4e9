// The metrics of the field, computed from probes before and after an edit.
import { answerTokens, type ProbeResult, type Role } from './results.js';

/** Success and magnitude of one role, after ROME (Meng et al. 2022, section 3.4). */
export interface Success {
  /** Share of probes on the right side: new over old on the fact itself, expected over new elsewhere. */
  success: number;
  /** Mean difference of the two probabilities. */
  magnitude: number;
}

/** What a rewrite reached. Shares lie in 0 to 1; an entry is null where its role has no probes. */
export interface RewriteMetrics {
  /** Locating prompts: P(new) > P(old) after the edit. */
  efficacy: Success | null;
  /** The same on the held-out wordings. */
  paraphrase: Success | null;
  /** Neighbourhood: P(expected) > P(new) after the edit. */
  neighborhood: Success | null;
  /** Harmonic mean of the three success scores. */
  score: number | null;
  /** Locating prompts whose top answer is the new one (Dai et al. 2022, section 5.1). */
  successRate: number | null;
  /** Locating prompts whose top answer changed (there). */
  changeRate: number | null;
}

/** What an operation did to the facts around it. */
export interface SideEffects {
  /** Mean change of -log P(expected), the log perplexity: within the relation, and across relations. */
  logPerplexity: { neighborhood: number | null; unrelated: number | null };
  /** Share of probes whose top answer changed. */
  flips: { neighborhood: number | null; unrelated: number | null; all: number | null };
  /** Mean absolute change of P(expected) over neighbourhood and unrelated probes. */
  damage: number | null;
}

/** Probability below which a logarithm says nothing more. */
const TINY = 1e-12;

/** -log P, in nats. */
export function surpriseAt(prob: number): number {
  return -Math.log(Math.max(prob, TINY));
}

type Pair = { was: ProbeResult; now: ProbeResult };

function pairsOf(
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
  roles: readonly Role[],
): Pair[] {
  return before.flatMap((was, i) => {
    const now = after[i];
    return now && roles.includes(was.role) ? [{ was, now }] : [];
  });
}

function mean<T>(items: readonly T[], value: (item: T) => number): number | null {
  if (items.length === 0) return null;
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** Success (share of positive differences) and magnitude (their mean). */
function successOf(differences: readonly number[]): Success | null {
  const magnitude = mean(differences, (d) => d);
  const success = mean(differences, (d) => Number(d > 0));
  return magnitude === null || success === null ? null : { success, magnitude };
}

/** Harmonic mean; zero where one of the values is. */
export function harmonicMean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + 1 / value, 0);
  return Number.isFinite(sum) ? values.length / sum : 0;
}

/**
 * Metrics of a rewrite, from probes that carry `oldProb` and `newProb`.
 * @param before and `after` in the same order
 */
export function rewriteMetrics(
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): RewriteMetrics {
  const target = pairsOf(before, after, ['target']);
  const gain = (role: Role) =>
    pairsOf(before, after, [role]).map(({ now }) => (now.newProb ?? 0) - (now.oldProb ?? 0));
  const efficacy = successOf(gain('target'));
  const paraphrase = successOf(gain('paraphrase'));
  const neighborhood = successOf(
    // A neighbour that expects the new answer itself says nothing about specificity.
    pairsOf(before, after, ['neighborhood'])
      .filter(({ now }) => !expectsNew(now))
      .map(({ now }) => now.prob - (now.newProb ?? 0)),
  );
  const parts = [efficacy, paraphrase, neighborhood].flatMap((one) => (one ? [one.success] : []));
  return {
    efficacy,
    paraphrase,
    neighborhood,
    score: parts.length === 3 ? harmonicMean(parts) : null,
    successRate: mean(target, ({ now }) => Number(now.newRank === 1)),
    changeRate: mean(target, ({ was, now }) => Number(was.top[0]?.id !== now.top[0]?.id)),
  };
}

/** Whether a neighbour of a rewritten fact has the new answer itself, and so says nothing of what should stay. */
export function expectsNew({ expectId, expectIds, newId, newIds }: ProbeResult): boolean {
  if (newId === undefined) return false;
  return answerTokens(expectId, expectIds).join() === answerTokens(newId, newIds).join();
}

/** What happened to the probes that should not have changed. `after` in the order of `before`. */
export function sideEffects(before: readonly ProbeResult[], after: readonly ProbeResult[]): SideEffects {
  const logPerplexity = (role: Role) =>
    mean(pairsOf(before, after, [role]), ({ was, now }) => {
      return surpriseAt(now.prob) - surpriseAt(was.prob);
    });
  const flips = (...roles: Role[]) =>
    mean(pairsOf(before, after, roles), ({ was, now }) => Number(was.top[0]?.id !== now.top[0]?.id));
  return {
    logPerplexity: { neighborhood: logPerplexity('neighborhood'), unrelated: logPerplexity('unrelated') },
    flips: {
      neighborhood: flips('neighborhood'),
      unrelated: flips('unrelated'),
      all: flips('neighborhood', 'unrelated'),
    },
    damage: mean(pairsOf(before, after, ['neighborhood', 'unrelated']), ({ was, now }) => {
      return Math.abs(now.prob - was.prob);
    }),
  };
}

/**
 * The effect of an operation on its fact: mean change, over the locating prompts, of P(new) for a rewrite and of
 * P(object) otherwise.
 */
export function effectOf(before: readonly ProbeResult[], after: readonly ProbeResult[]): number {
  const pairs = pairsOf(before, after, ['target']);
  const effect = mean(pairs, ({ was, now }) => {
    return was.newProb === undefined ? now.prob - was.prob : (now.newProb ?? 0) - was.newProb;
  });
  return effect ?? 0;
}

/** KL(p || q) in nats, for two distributions over the same tokens. */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const a = p[i] ?? 0;
    if (a > 0) sum += a * Math.log(a / Math.max(q[i] ?? 0, TINY));
  }
  return Math.max(0, sum);
}
