// What a sweep keeps of a localization, and the paper's baseline beside it.
import { type NeuronId, neuronKey, toNeuronId } from '../lm/overlay.js';
import { type EncodedPrompt, questionsOf, type Sequence, tokensIn } from '../lm/prompt.js';
import { coarseNeurons } from '../locate/coarse.js';
import { type LocatedNeuron, meanMap, refine } from '../locate/refined.js';
import { largest } from '../numbers.js';
import type { Context } from '../session/context.js';
import type { EncodedFact, FactMaps } from '../session/fact-maps.js';
import type { Located } from '../session/locate.js';
import type { LocateSettings } from '../spec/settings.js';
import { KEPT_SCORES, type LocatedPart } from './result.js';

/** @param full keeps every score */
export function locatedPart(
  { own, width }: FactMaps,
  { localization, meanScores }: Located,
  baseline: readonly LocatedNeuron[],
  full: boolean,
): LocatedPart {
  const { settings, share, neurons, consistency } = localization;
  const sets = localization.prompts.map(({ coarse }) => coarse.map(toNeuronId));
  const generic = new Set(localization.generic.map((one) => neuronKey(toNeuronId(one))));
  const shared = refine(sets, meanScores, width, { ...settings, share, wanted: undefined }).neurons;
  return {
    prompts: localization.prompts.map(({ prompt, prob, rank, answer, threshold, completeness }, i) => ({
      prompt,
      prob,
      rank,
      answer,
      threshold,
      residual: largest(completeness.map(({ residual }) => residual)),
      coarse: pairs(sets[i] ?? []),
      scores: keptScores(own[i]?.scores ?? new Float32Array(), width, full),
    })),
    neurons,
    share,
    consistency: consistency.jaccard,
    generic: pairs(shared.map(toNeuronId).filter((at) => generic.has(neuronKey(at)))),
    baseline: pairs(baseline.map(toNeuronId)),
  };
}

/** Neurons as a result lists them. */
export function pairs(neurons: readonly NeuronId[]): [number, number][] {
  return neurons.map(([layer, neuron]) => [layer, neuron]);
}

function keptScores(scores: Float32Array, width: number, full: boolean): [number, number, number][] {
  const least = full ? Number.NEGATIVE_INFINITY : KEPT_SCORES * largest(scores);
  const kept: [number, number, number][] = [];
  scores.forEach((score, i) => {
    if (score >= least && (full || score > 0)) kept.push([Math.floor(i / width), i % width, score]);
  });
  return kept;
}

/**
 * Refined neurons when activations stand in for scores, under the same threshold and share (Dai et al. 2022, section 4.2).
 * @param activations of each prompt [L, F]
 * @returns with their mean activation in place of a mean score
 */
export function baselineOf(
  activations: readonly Float32Array[],
  width: number,
  { thresholdMode: mode, threshold: value, strict, share, minPrompts }: LocateSettings,
): LocatedNeuron[] {
  const sets = activations.map((rows) => coarseNeurons(rows, width, { mode, value, strict }).neurons);
  return refine(sets, meanMap(activations), width, { share, minPrompts, strict }).neurons;
}

/** The activations at the prompts of some facts, fact by fact [L, F] each: of an answer of several tokens, their mean. */
export async function activationsOf(
  context: Context,
  facts: readonly EncodedFact[],
): Promise<Float32Array[][]> {
  const asked = facts.map(({ own, object }) => own.map((prompt) => sequencesOf(prompt, object)));
  const found = await context.run('targetActivations', { prompts: asked.flat(2) });
  return asked.map((fact) => fact.map((sequences) => meanMap(found.splice(0, sequences.length))));
}

function sequencesOf(prompt: EncodedPrompt, object: EncodedFact['object']): Sequence[] {
  return questionsOf(prompt, tokensIn(prompt, object)).map(({ ids, position }) => ({ ids, position }));
}
