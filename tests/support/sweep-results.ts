// Results of a sweep made by hand: only what a test is about need be said.
import type { SweepEffect, SweepProbe, SweepResult } from '../../src/sweep/result.js';

let place = 0;

export function resultOf(given: Partial<SweepResult>): SweepResult {
  return {
    key: `key-${place}`,
    computation: 2,
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

type Side = Partial<SweepProbe['before']>;

export function probeOf(
  given: Partial<Omit<SweepProbe, 'before' | 'after'>>,
  before: Side,
  after: Side,
): SweepProbe {
  const side = (one: Side) => ({ prob: 0, rank: 2, answer: 'other', ...one });
  return {
    role: 'target',
    prompt: 'The capital of France is [MASK].',
    expect: 'Paris',
    tokens: 1,
    ...given,
    before: side(before),
    after: side(after),
  };
}

/** Neurons (layer, index) as a result has them. */
export function located(...neurons: [number, number][]): SweepResult['neurons'] {
  return neurons.map(([layer, neuron]) => ({ layer, neuron, share: 1, meanScore: 1 }));
}
