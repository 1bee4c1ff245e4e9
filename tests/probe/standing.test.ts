// How an applied edit stands, worked out from probes by hand.
import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../src/probe/results.js';
import { lossesOf, standingOf } from '../../src/probe/standing.js';

/** A probe of a rewrite: P and rank of the new answer. */
function replaced(newProb: number, newRank: number): ProbeResult {
  const top = [{ id: newRank === 1 ? 2 : 1, token: newRank === 1 ? 'new' : 'old', prob: newProb }];
  return {
    role: 'target',
    prompt: 'p',
    expect: 'old',
    expectId: 1,
    prob: 0,
    rank: 2,
    newId: 2,
    newProb,
    newRank,
    top,
  };
}

/** A probe of a suppressed object: its P and rank. */
function lowered(prob: number, rank: number): ProbeResult {
  return { role: 'target', prompt: 'p', expect: 'old', expectId: 1, prob, rank, top: [] };
}

describe('a rewrite', () => {
  const before = [replaced(0, 9), replaced(0, 9), replaced(0, 9), replaced(0, 9)];
  const after = [replaced(0.6, 1), replaced(0.6, 1), replaced(0.6, 1), replaced(0.2, 2)];
  it.each([
    ['holds', 3, [replaced(0.6, 1), replaced(0.55, 1), replaced(0.6, 1), replaced(0.2, 2)]],
    ['weakened', 2, [replaced(0.6, 1), replaced(0.55, 1), replaced(0.4, 2), replaced(0.2, 2)]],
    ['weakened', 3, [replaced(0.45, 1), replaced(0.6, 1), replaced(0.6, 1), replaced(0.2, 2)]], // a tenth lost
    ['lost', 1, [replaced(0.6, 1), replaced(0.33, 2), replaced(0.33, 2), replaced(0.9, 1)]],
    ['lost', 0, before],
  ] as const)('%s, kept on %d of 3', (state, kept, now) => {
    expect(standingOf('replace', before, after, now)).toMatchObject({ state, kept, reached: 3 });
  });

  it('tells what it lost, as far as the tolerance does not allow it', () => {
    const now = [replaced(0.33, 2), replaced(0.45, 1), replaced(0.55, 1), replaced(0.1, 3)];
    const kinds = (top1: 'unchanged' | 'any', maxProbabilityDrop: number) =>
      lossesOf('replace', after, now, { top1, maxProbabilityDrop }).map(
        ({ kind, before: was, after: is }) => [kind, was.prob, is.prob],
      );
    expect(kinds('unchanged', 0.12)).toEqual([
      ['top1', 0.6, 0.33],
      ['probability', 0.6, 0.45],
    ]);
    expect(kinds('any', 0.2)).toEqual([['probability', 0.6, 0.33]]);
    expect(kinds('any', 1)).toEqual([]);
  });
});

describe('an amplification', () => {
  it('that lowers the probability has reached nothing, although the object is still on top', () => {
    const state = (from: number, to: number) => {
      const [before, after] = [[lowered(from, 1)], [lowered(to, 1)]];
      const { state, kept, reached } = standingOf('raise', before, after, after);
      return [state, kept, reached];
    };
    expect(state(0.98, 0.91)).toEqual(['reached nothing', 0, 0]);
    expect(state(0.5, 0.8)).toEqual(['holds', 1, 1]);
    expect(state(0.98, 0.975)).toEqual(['holds', 1, 1]); // there is no more to be had
  });
});

describe('a suppression', () => {
  it('that silenced the object is lost when the object is on top again', () => {
    const now = (prob: number, rank: number) =>
      standingOf('lower', [lowered(0.9, 1)], [lowered(0.1, 4)], [lowered(prob, rank)]).state;
    expect(now(0.12, 3)).toBe('holds');
    expect(now(0.3, 2)).toBe('weakened');
    expect(now(0.8, 1)).toBe('lost');
  });

  it('that only weakened it is lost when less than half of its effect is left', () => {
    const now = (prob: number) =>
      standingOf('lower', [lowered(0.9, 1)], [lowered(0.5, 1)], [lowered(prob, 1)]);
    expect(now(0.55)).toMatchObject({ state: 'holds', kept: 0, reached: 0 });
    expect(now(0.65).state).toBe('weakened');
    expect(now(0.75).state).toBe('lost');
  });

  it('that did nothing reached nothing, whatever comes', () => {
    const now = (start: number, recorded: number, prob: number) =>
      standingOf('lower', [lowered(start, 1)], [lowered(recorded, 1)], [lowered(prob, 1)]).state;
    expect(now(0.9, 0.9, 0.9)).toBe('reached nothing');
    expect(now(0.9, 0.899, 0.901)).toBe('reached nothing');
    expect(now(0.9, 0.95, 0.85)).toBe('reached nothing');
  });
});
