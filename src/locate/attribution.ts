// Integrated gradients of P(target) with respect to the FFN neurons of every layer (Dai et al. 2022, section 3.1).
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import type { EncodedPrompt } from '../lm/tokenizer.js';
import { trace } from '../lm/transformer.js';
import { firstSize, MOST, nextSize } from './adaptive.js';
import { integrate, type Path, probabilitiesAtZero, type Site, targetProbabilities } from './integrand.js';
import { quadrature, type Rule } from './quadrature.js';

export type { Site } from './integrand.js';

export interface AttributionSettings {
  rule: Rule;
  /** Nodes of a fixed rule. */
  steps: number;
  /** Residual that `adaptive` stops at. */
  tolerance: number;
  site: Site;
}

/** How good the integral of one layer is. */
export interface Completeness {
  /** Sum of the layer's scores. */
  sum: number;
  /** P(a) - P(0), which the sum must equal. */
  delta: number;
  /** |sum - delta| / max over layers of |delta|. */
  residual: number;
  /** Gradients that were computed. */
  nodes: number;
}

export interface Attribution {
  /** P(target) of the unperturbed prompt. */
  prob: number;
  /** [L, F], row by row. */
  scores: Float32Array;
  /** One per layer. */
  completeness: Completeness[];
}

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
 */
export function attribute(
  model: LanguageModel,
  prompt: EncodedPrompt,
  target: number,
  settings: AttributionSettings,
): Attribution {
  const all = Array.from({ length: model.info.layers }, (_, layer) => layer);
  return tracing(model, prompt, target, settings.site, (path) => {
    const ends = findEnds(path, all);
    return { prob: ends.prob, ...integrateLayers(path, all, ends, settings) };
  });
}

/** The ends of some layers' paths: the first half of `attribute`, for those who share it among workers. */
export function pathEnds(
  model: LanguageModel,
  prompt: EncodedPrompt,
  target: number,
  site: Site,
  layers: readonly number[],
): PathEnds {
  return tracing(model, prompt, target, site, (path) => findEnds(path, layers));
}

/**
 * The scores of some layers: the second half of `attribute`.
 * @param ends those of all layers
 * @returns scores [layers, F] and completeness, in the order of `layers`
 */
export function attributeLayers(
  model: LanguageModel,
  prompt: EncodedPrompt,
  target: number,
  settings: AttributionSettings,
  ends: PathEnds,
  layers: readonly number[],
): Omit<Attribution, 'prob'> {
  return tracing(model, prompt, target, settings.site, (path) =>
    integrateLayers(path, layers, ends, settings),
  );
}

function tracing<T>(
  model: LanguageModel,
  prompt: EncodedPrompt,
  target: number,
  site: Site,
  work: (path: Path) => T,
): T {
  const once = trace(model.network, [prompt]);
  try {
    return work({ model, once, target, site });
  } finally {
    tf.dispose(once);
  }
}

function findEnds(path: Path, layers: readonly number[]): PathEnds {
  const prob = tf.tidy(() => targetProbabilities(path.once.logits, path.target).dataSync()[0] ?? 0);
  return { prob, deltas: probabilitiesAtZero(path, layers).map((zero) => prob - zero) };
}

function integrateLayers(
  path: Path,
  layers: readonly number[],
  { deltas }: PathEnds,
  { rule, steps, tolerance }: AttributionSettings,
): Omit<Attribution, 'prob'> {
  const { neurons } = path.model.info;
  const scale = Math.max(...deltas.map(Math.abs));
  const scores = new Float32Array(layers.length * neurons);
  const completeness = new Array<Completeness>(layers.length);
  const adaptive = rule === 'adaptive';
  let open = layers.map((layer, at) => {
    const share = scale > 0 ? Math.abs(deltas[layer] ?? 0) / scale : 0;
    return { layer, at, size: adaptive ? firstSize(share, tolerance) : steps };
  });
  while (open.length > 0) {
    const points = open.map(({ layer, size }) => ({
      layer,
      ...quadrature(adaptive ? 'gauss-legendre' : rule, size),
    }));
    const found = integrate(path, points);
    open = open.flatMap(({ layer, at, size }, i) => {
      const own = found[i] ?? new Float32Array();
      scores.set(own, at * neurons);
      const sum = own.reduce((total, score) => total + score, 0);
      const delta = deltas[layer] ?? 0;
      const residual = scale > 0 ? Math.abs(sum - delta) / scale : 0;
      completeness[at] = { sum, delta, residual, nodes: size };
      const enough = !adaptive || residual <= tolerance || size >= MOST;
      return enough ? [] : [{ layer, at, size: nextSize(size, residual, tolerance) }];
    });
  }
  return { scores, completeness };
}
