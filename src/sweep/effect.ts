// What a sweep keeps of an edit: its probes before and after it, and what the controls did.
import { toNeuronId } from '../lm/overlay.js';
import { answerTokens, type ProbeResult } from '../probe/results.js';
import type { ApplyResult } from '../session/apply.js';
import type { Operation } from '../spec/edit-file.js';
import { pairs } from './located.js';
import type { SweepEffect, SweepProbe } from './result.js';

/** A probe's answers before and after an edit. */
export interface ProbePair {
  was: ProbeResult;
  now: ProbeResult;
}

/**
 * @param operation with its method named
 * @param to the new answer of a rewrite, in words
 * @param portability asked before and after it
 */
export function effectPart(
  result: ApplyResult,
  operation: Operation,
  to: string | null,
  portability: readonly ProbePair[],
): SweepEffect {
  const { before, after, metrics, control, perplexity, further } = result;
  const own = before.flatMap((was, i) => {
    const now = after[i];
    return now ? [probeOf(was.role, { was, now })] : [];
  });
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
    probes: [...own, ...portability.map((pair) => probeOf('portability', pair))],
    control: control && {
      draws: control.draws,
      after: control.after.map(({ prob, newProb }) => ({ prob, ...(newProb !== undefined && { newProb }) })),
    },
    perplexity: perplexity && {
      before: perplexity.before,
      after: perplexity.after,
      tokens: perplexity.tokens,
    },
  };
}

function probeOf(role: SweepProbe['role'], { was, now }: ProbePair): SweepProbe {
  const tokens = answerTokens(was.expectId, was.expectIds);
  const old = was.oldId === undefined ? undefined : answerTokens(was.oldId, was.oldIds);
  const another = old !== undefined && old.join() !== tokens.join();
  const side = ({ prob, rank, top, newProb, newRank, oldProb, kl }: ProbeResult) => ({
    prob,
    rank,
    answer: top[0]?.token ?? '',
    ...(newProb !== undefined && { newProb, newRank }),
    ...(another && oldProb !== undefined && { oldProb }),
    ...(kl !== undefined && { kl }),
  });
  return {
    role,
    prompt: was.prompt,
    expect: was.expect,
    tokens: tokens.length,
    ...(was.newId !== undefined && { newTokens: answerTokens(was.newId, was.newIds).length }),
    before: side(was),
    after: side(now),
  };
}
