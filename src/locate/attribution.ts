// Integrated gradients of P(target) with respect to the FFN neurons of every layer (Dai et al. 2022, section 3.1).
import * as tf from '@tensorflow/tfjs-core';
import { requireNumbers } from '../lm/finite.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Question, Sequence } from '../lm/prompt.js';
import { type Trace, trace } from '../lm/transformer.js';
import { largest } from '../numbers.js';
import { integratePaths, type Path } from './integrals.js';
import { alongLayers, type LayerPath, probabilities, probabilitiesAt, type Traced } from './integrand.js';
import { recentTrace } from './recent-trace.js';
import type { Attribution, AttributionSettings, Course, LayerScores, PathEnds } from './score-map.js';

/**
 * Attributes P(target) at the prompt's target position to every neuron of every layer.
 * `score_i = a_i * sum_k w_k dP/ds_i(alpha_k a)`, baseline zero, other rows untouched.
 * Leaves no tensor behind.
 * @param target token id
 * @throws NotFiniteError when a probability or a score is not a number
 */
export function attribute(
  model: LanguageModel,
  prompt: Sequence,
  target: number,
  settings: AttributionSettings,
): Attribution {
  return attributeAll(model, [{ ...prompt, target }], settings)[0] as Attribution;
}

/** `attribute` for prompts of one length, all at once: in small models most of the time goes into starting operations. */
export function attributeAll(
  model: LanguageModel,
  questions: readonly Question[],
  settings: AttributionSettings,
): Attribution[] {
  const all = Array.from({ length: model.info.layers }, (_, layer) => layer);
  const once = trace(model.network, questions);
  try {
    const traced = tracedFor(model, once, questions, settings);
    const ends = findEnds(traced, all);
    questions.forEach((one, i) => {
      requireEnds(model, one, ends[i]);
    });
    const found = integrateLayers(traced, all, ends, settings);
    questions.forEach((one, i) => {
      requireScores(model, one, found[i]);
    });
    return found.map((one, i) => ({ prob: ends[i]?.prob ?? 0, ...one }));
  } finally {
    tf.dispose(once);
  }
}

/** The ends of some layers' paths: the first half of `attribute`, for those who share it among workers. */
export function pathEnds(
  model: LanguageModel,
  question: Question,
  course: Course,
  layers: readonly number[],
): PathEnds {
  const once = recentTrace(model, question);
  const [ends] = findEnds(tracedFor(model, once, [question], course), layers);
  requireEnds(model, question, ends);
  return ends as PathEnds;
}

/**
 * The scores of some layers: the second half of `attribute`.
 * @param ends those of all layers
 * @returns scores [layers, F] and completeness, in the order of `layers`
 */
export function attributeLayers(
  model: LanguageModel,
  question: Question,
  settings: AttributionSettings,
  ends: PathEnds,
  layers: readonly number[],
): LayerScores {
  const once = recentTrace(model, question);
  const traced = tracedFor(model, once, [question], settings);
  const [found] = integrateLayers(traced, layers, [ends], settings);
  requireScores(model, question, found);
  return found as LayerScores;
}

/**
 * The scores of some layers, and how complete they are.
 * @param ends of all layers, one entry per prompt
 * @returns one entry per prompt, in the order of `layers`
 */
function integrateLayers(
  traced: Traced,
  layers: readonly number[],
  ends: readonly PathEnds[],
  settings: AttributionSettings,
): LayerScores[] {
  const paths = ends.flatMap(({ prob, deltas }, prompt) => {
    const scale = largest(deltas.map(Math.abs));
    return layers.map((layer): Path<LayerPath> => {
      return { where: { prompt, layer }, to: prob, delta: deltas[layer] ?? 0, scale };
    });
  });
  const found = integratePaths(alongLayers(traced), paths, settings);
  const { neurons } = traced.model.info;
  return ends.map((_, prompt) => {
    const own = found.slice(prompt * layers.length, (prompt + 1) * layers.length);
    const scores = new Float32Array(own.length * neurons);
    own.forEach((one, at) => {
      scores.set(one.scores, at * neurons);
    });
    return { scores, completeness: own.map(({ completeness }) => completeness) };
  });
}

function tracedFor(
  model: LanguageModel,
  once: Trace,
  questions: readonly Question[],
  { site, path }: Course,
): Traced {
  return { model, once, targets: questions.map(({ target }) => target), site, path };
}

function requireEnds(model: LanguageModel, question: Question, ends: PathEnds | undefined): void {
  if (ends) requireNumbers(model, question, [ends.prob, ...ends.deltas]);
}

function requireScores(model: LanguageModel, question: Question, found: LayerScores | undefined): void {
  if (found) requireNumbers(model, question, found.scores);
}

/** One entry per prompt; deltas in the order of the layers. */
function findEnds(traced: Traced, layers: readonly number[]): PathEnds[] {
  const zeros = traced.targets.flatMap((_, prompt) =>
    layers.map((layer) => ({ prompt, layer, nodes: [0], weights: [0] })),
  );
  const found = probabilitiesAt(traced, zeros);
  return [...probabilities(traced)].map((prob, prompt) => ({
    prob,
    deltas: layers.map((_, i) => prob - (found[prompt * layers.length + i] ?? 0)),
  }));
}
