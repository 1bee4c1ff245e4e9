// Integrated gradients of P(target) with respect to the FFN neurons of every layer (Dai et al. 2022, section 3.1).
import * as tf from '@tensorflow/tfjs-core';
import { requireNumbers } from '../lm/finite.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Question, Sequence } from '../lm/prompt.js';
import { trace } from '../lm/transformer.js';
import { largest } from '../numbers.js';
import { firstSize, MOST, nextSize } from './adaptive.js';
import { integrate, probabilities, probabilitiesAt, type Traced } from './integrand.js';
import { quadrature } from './quadrature.js';
import { recentTrace } from './recent-trace.js';
import type { Attribution, AttributionSettings, Completeness, LayerScores, Site } from './score-map.js';

/** Where the paths of all layers begin and end. */
export interface PathEnds {
  /** P(target) of the unperturbed prompt, where all paths end. */
  prob: number;
  /** P(a) - P(0), per layer. */
  deltas: number[];
}

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
    const traced = { model, once, targets: questions.map(({ target }) => target), site: settings.site };
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
  site: Site,
  layers: readonly number[],
): PathEnds {
  const once = recentTrace(model, question);
  const [ends] = findEnds({ model, once, targets: [question.target], site }, layers);
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
  const traced = { model, once, targets: [question.target], site: settings.site };
  const [found] = integrateLayers(traced, layers, [ends], settings);
  requireScores(model, question, found);
  return found as LayerScores;
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

/** The integral of one prompt through one layer. */
interface Integral {
  prompt: number;
  layer: number;
  /** Place among the layers that are wanted. */
  at: number;
  /** Nodes. */
  size: number;
}

/** One entry per prompt. */
function integrateLayers(
  traced: Traced,
  layers: readonly number[],
  ends: readonly PathEnds[],
  { rule, steps, tolerance }: AttributionSettings,
): LayerScores[] {
  const { neurons } = traced.model.info;
  const adaptive = rule === 'adaptive';
  const scales = ends.map(({ deltas }) => largest(deltas.map(Math.abs)));
  const relative = (value: number, prompt: number) => {
    const scale = scales[prompt] ?? 0;
    return scale > 0 ? Math.abs(value) / scale : 0;
  };
  const results = ends.map(() => ({
    scores: new Float32Array(layers.length * neurons),
    completeness: new Array<Completeness>(layers.length),
  }));
  let open: Integral[] = ends.flatMap(({ deltas }, prompt) =>
    layers.map((layer, at) => {
      const size = adaptive ? firstSize(relative(deltas[layer] ?? 0, prompt), tolerance) : steps;
      return { prompt, layer, at, size };
    }),
  );
  while (open.length > 0) {
    const points = open.map(({ prompt, layer, size }) => ({
      prompt,
      layer,
      ...quadrature(adaptive ? 'gauss-legendre' : rule, size),
    }));
    const found = integrate(traced, points);
    open = open.flatMap((one, i) => {
      const { prompt, layer, at, size } = one;
      const own = found[i] ?? new Float32Array();
      const sum = own.reduce((total, score) => total + score, 0);
      const delta = ends[prompt]?.deltas[layer] ?? 0;
      const residual = relative(sum - delta, prompt);
      const result = results[prompt] as LayerScores;
      result.scores.set(own, at * neurons);
      result.completeness[at] = { sum, delta, residual, nodes: size };
      const enough = !adaptive || residual <= tolerance || size >= MOST;
      return enough ? [] : [{ ...one, size: nextSize(size, residual, tolerance) }];
    });
  }
  return results;
}
