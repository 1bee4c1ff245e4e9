// What a sweep keeps of an edit: its probes before and after it, and what the controls did.
import { toNeuronId } from '../lm/overlay.js';
import { expectsNew } from '../probe/metrics.js';
import { answerTokens, type ProbeResult } from '../probe/results.js';
import type { ApplyResult } from '../session/apply.js';
import type { Operation } from '../spec/edit-file.js';
import { pairs } from './located.js';
import type { SweepEffect, SweepProbe, SweepSide } from './result.js';

/** A probe's answers before and after an edit. */
export interface ProbePair {
  was: ProbeResult;
  now: ProbeResult;
}

/**
 * @param drawn the probes after each draw of the control
 * @param operation with its method named
 * @param to the new answer of a rewrite, in words
 * @param portability asked before and after it
 */
export function effectPart(
  result: ApplyResult,
  drawn: readonly (readonly ProbeResult[])[],
  operation: Operation,
  to: string | null,
  portability: readonly ProbePair[],
): SweepEffect {
  const { before, after, metrics, control, perplexity, further } = result;
  return {
    method: operation.type === 'rewrite' ? (operation.method ?? null) : null,
    to,
    changed: pairs(result.neurons.map(toNeuronId)),
    verdict: result.verdict,
    comparison: control && result.comparison,
    wouldRefuse: result.wouldRefuse,
    effect: metrics.effect,
    damage: metrics.sideEffects.damage,
    flips: metrics.sideEffects.flips.all,
    further: further && { asked: further.asked, lost: further.lost },
    probes: [
      ...pairsOf(before, after).map((pair) => probeOf(pair.was.role, pair)),
      ...portability.map((pair) => probeOf('portability', pair)),
    ],
    control: control && {
      draws: control.draws.map((draw, i) => ({
        ...draw,
        after: pairsOf(before, drawn[i] ?? []).map(({ was, now }) => sideOf(now, was)),
      })),
    },
    perplexity: perplexity && {
      before: perplexity.before,
      after: perplexity.after,
      tokens: perplexity.tokens,
    },
  };
}

/** @param after in the order of `before` */
function pairsOf(before: readonly ProbeResult[], after: readonly ProbeResult[]): ProbePair[] {
  return before.flatMap((was, i) => {
    const now = after[i];
    return now ? [{ was, now }] : [];
  });
}

function probeOf(role: SweepProbe['role'], { was, now }: ProbePair): SweepProbe {
  const old = oldTokens(was);
  return {
    role,
    prompt: was.prompt,
    expect: was.expect,
    tokens: answerTokens(was.expectId, was.expectIds).length,
    ...(was.newId !== undefined && {
      newTokens: answerTokens(was.newId, was.newIds).length,
      expectsNew: expectsNew(was),
    }),
    ...(old && { oldTokens: old }),
    before: sideOf(was),
    after: sideOf(now, was),
  };
}

/** @param was the same before the edit */
function sideOf(now: ProbeResult, was?: ProbeResult): SweepSide {
  const { prob, rank, top, newId, newIds, newBest, newProb, newRank, oldProb, kl } = now;
  const best = bestTokens(now);
  const same = (ids: readonly number[]) => best.filter((id, i) => id === ids[i]).length;
  const newHits = newBest ? newBest.filter((id, i) => id === newIds?.[i]).length : Number(newRank === 1);
  return {
    prob,
    rank,
    answer: top[0]?.token ?? '',
    hits: same(answerTokens(now.expectId, now.expectIds)),
    ...(newId !== undefined && { newProb, newRank, newHits }),
    ...(oldTokens(now) && { oldProb }),
    ...(was && { kept: same(bestTokens(was)) }),
    ...(kl !== undefined && { kl }),
  };
}

/** The most probable token in the place of each token of the expected answer. */
function bestTokens({ expectBest, top }: ProbeResult): readonly number[] {
  return expectBest ?? top.slice(0, 1).map(({ id }) => id);
}

/** Tokens of a rewrite's old answer, where another one is expected. */
function oldTokens({ expectId, expectIds, oldId, oldIds }: ProbeResult): number | undefined {
  if (oldId === undefined) return undefined;
  const old = answerTokens(oldId, oldIds);
  return old.join() === answerTokens(expectId, expectIds).join() ? undefined : old.length;
}
