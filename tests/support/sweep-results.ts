// Results of a sweep made by hand: only what a test is about need be said.
import type { SweepEffect, SweepProbe, SweepResult, SweepSide } from '../../src/sweep/result.js';

let place = 0;

export function resultOf(given: Partial<SweepResult>): SweepResult {
  return {
    key: `key-${place}`,
    computation: 3,
    place: place++,
    id: `fact-${place}`,
    relation: 'capital',
    subject: 'France',
    object: 'Paris',
    operation: 'locate',
    prompts: [],
    neurons: [],
    share: 0.7,
    consistency: 0.5,
    generic: [],
    baseline: [],
    effect: null,
    warnings: [],
    seconds: 1,
    cpuSeconds: 1,
    ...given,
  };
}

export function effectOf(given: Partial<SweepEffect>): SweepEffect {
  return {
    method: null,
    to: null,
    changed: [],
    verdict: 'reached',
    comparison: null,
    wouldRefuse: false,
    effect: 0,
    damage: null,
    flips: null,
    further: null,
    probes: [],
    control: null,
    perplexity: null,
    ...given,
  };
}

type Side = Partial<SweepSide>;

export function probeOf(
  given: Partial<Omit<SweepProbe, 'before' | 'after'>>,
  before: Side,
  after: Side,
): SweepProbe {
  const probe = { role: 'target' as const, expect: 'Paris', tokens: 1, ...given };
  const { tokens, newTokens } = probe;
  const was = sideOf(before, { tokens, newTokens });
  const now = sideOf(after, { tokens, newTokens });
  const same = tokens === 1 ? Number(was.answer === now.answer) : 0;
  return {
    prompt: 'The capital of France is [MASK].',
    ...probe,
    before: was,
    after: { kept: same, ...now },
  };
}

/** Of an answer of several tokens all are on top, or none, unless it is said. */
export function sideOf(
  given: Side,
  { tokens = 1, newTokens = 1 }: Pick<Partial<SweepProbe>, 'tokens' | 'newTokens'> = {},
): SweepSide {
  const { rank = 2, newRank } = given;
  return {
    prob: 0,
    rank,
    answer: 'other',
    hits: rank === 1 ? tokens : 0,
    ...(newRank !== undefined && { newHits: newRank === 1 ? newTokens : 0 }),
    ...given,
  };
}

/** Neurons (layer, index) as a result has them. */
export function located(...neurons: [number, number][]): SweepResult['neurons'] {
  return neurons.map(([layer, neuron]) => ({ layer, neuron, share: 1, meanScore: 1 }));
}
