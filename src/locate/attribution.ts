// Integrated gradients of P(target) with respect to the FFN neurons of every layer (Dai et al. 2022, section 3.1).
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import { suffix, type Trace, trace } from '../lm/transformer.js';
import { type FixedRule, type Quadrature, quadrature, type Rule } from './quadrature.js';

/** Where the path runs: the activation after the non-linearity (the paper's), or the row before it. */
export type Site = 'post' | 'pre';

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

/** Gauss-Legendre sizes that `adaptive` climbs through, until the residual is small enough. */
const LADDER = [4, 6, 9, 13, 20, 32, 48, 64];

/** Perturbed rows (nodes x tokens) that are run at once: bounds the memory of a batch. */
const MAX_ROWS = 2048;

/**
 * Attributes P(target) at the prompt's target position to every neuron of every layer.
 * `score_i = a_i * sum_k w_k dP/ds_i(alpha_k a)`, baseline zero, other rows untouched.
 * Leaves no tensor behind.
 * @param target token id
 */
export function attribute(
  model: LanguageModel,
  prompt: Sequence,
  target: number,
  settings: AttributionSettings,
): Attribution {
  const { layers, neurons } = model.info;
  const once = trace(model.network, [prompt]);
  try {
    const prob = tf.tidy(() => probabilities(once.logits, target)[0] ?? 0);
    const scores = new Float32Array(layers * neurons);
    const results = Array.from({ length: layers }, () => ({ sum: 0, delta: 0, nodes: 0 }));
    const integrate = (layer: number, points: Quadrature) => {
      const found = integrateLayer(model, once, layer, target, settings.site, points);
      scores.set(found.scores, layer * neurons);
      const sum = found.scores.reduce((total, score) => total + score, 0);
      results[layer] = { sum, delta: prob - found.probAtZero, nodes: points.nodes.length };
    };
    const residuals = () => {
      const scale = Math.max(...results.map(({ delta }) => Math.abs(delta)));
      return results.map(({ sum, delta }) => (scale > 0 ? Math.abs(sum - delta) / scale : 0));
    };

    const adaptive = settings.rule === 'adaptive';
    const sizes = adaptive ? LADDER : [settings.steps];
    const rule: FixedRule = settings.rule === 'adaptive' ? 'gauss-legendre' : settings.rule;
    let open = results.map((_, layer) => layer);
    for (const size of sizes) {
      const points = quadrature(rule, size);
      for (const layer of open) integrate(layer, points);
      const now = residuals();
      open = open.filter((layer) => (now[layer] ?? 0) > settings.tolerance);
      if (open.length === 0) break;
    }
    const final = residuals();
    const completeness = results.map((one, layer) => ({ ...one, residual: final[layer] ?? 0 }));
    return { prob, scores, completeness };
  } finally {
    tf.dispose(once);
  }
}

/** One layer's integral. P at zero comes with it, as a node of no weight where the rule has none at zero. */
function integrateLayer(
  model: LanguageModel,
  once: Trace,
  layer: number,
  target: number,
  site: Site,
  points: Quadrature,
): { scores: Float32Array; probAtZero: number } {
  const nodes = [...points.nodes];
  const weights = [...points.weights];
  if (!nodes.includes(0)) {
    nodes.push(0);
    weights.push(0);
  }
  const most = Math.max(1, Math.floor(MAX_ROWS / once.length));
  const scores = new Float32Array(model.info.neurons);
  let probAtZero = 0;
  for (let start = 0; start < nodes.length; start += most) {
    const part = nodes.slice(start, start + most);
    const found = integrateNodes(model, once, layer, target, site, part, weights.slice(start, start + most));
    found.scores.forEach((score, i) => {
      scores[i] = (scores[i] ?? 0) + score;
    });
    const zero = part.indexOf(0);
    if (zero >= 0) probAtZero = found.probs[zero] ?? 0;
  }
  return { scores, probAtZero };
}

/** The part of the integral that some nodes contribute. */
function integrateNodes(
  model: LanguageModel,
  once: Trace,
  layer: number,
  target: number,
  site: Site,
  nodes: number[],
  weights: number[],
): { scores: Float32Array; probs: Float32Array } {
  const block = model.network.blocks[layer];
  const z = once.z[layer];
  if (!block || !z) throw new RangeError(`no layer ${layer}`);
  return tf.tidy(() => {
    const alpha = tf.tensor2d(nodes, [nodes.length, 1]); // [N, 1]
    const weight = tf.tensor2d(weights, [nodes.length, 1]);
    const path = site === 'post' ? block.activate(z).y : z; // [1, F]
    const active = site === 'post' ? undefined : block.activate(tf.mul(alpha, path)); // [N, F]
    const u = active
      ? block.value.apply(active.y).y // [N, H]
      : // The FFN output is linear in its activation: one product serves every node.
        tf.add<tf.Tensor2D>(tf.mul(alpha, tf.matMul(path, block.value.matrix)), block.value.offset);
    const after = suffix(model.network, once, layer, u);
    const p = tf.softmax(after.y); // [N, V]
    const probs = column(p, target); // [N, 1]
    const one = tf.oneHot(tf.tensor1d([target], 'int32'), p.shape[1] ?? 0); // [1, V]
    const dLogits = tf.mul<tf.Tensor2D>(probs, tf.sub(one, p)); // d softmax_y / d logits
    const du = tf.mul<tf.Tensor2D>(after.back(dLogits), weight); // [N, H]
    const gradient = active
      ? tf.sum(active.back(block.value.back(du)), 0, true) // [1, F]
      : tf.transpose(tf.matMul(block.value.matrix, tf.transpose(tf.sum(du, 0, true)))); // [1, F]
    return {
      scores: tf.mul(path, gradient).dataSync<'float32'>(),
      probs: probs.dataSync<'float32'>(),
    };
  });
}

/** P(target) per row of logits [N, V]. */
function probabilities(logits: tf.Tensor2D, target: number): Float32Array {
  return column(tf.softmax(logits), target).dataSync<'float32'>();
}

function column(matrix: tf.Tensor2D, index: number): tf.Tensor2D {
  return tf.slice(matrix, [0, index], [-1, 1]);
}
