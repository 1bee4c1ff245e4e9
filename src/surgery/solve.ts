// The solved rewrite (after ROME and MEMIT): the value vectors of the located neurons move so that the FFN says the
// new answer on the locating prompts, and goes on saying what it said on the prompts that are held.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import { attend, feedForward } from '../lm/block.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { EncodedPrompt } from '../lm/tokenizer.js';
import { suffix, type Trace, trace } from '../lm/transformer.js';
import type { Change } from './change.js';
import { addGram, dot, solvePositiveDefinite } from './linear-algebra.js';

export interface SolveProblem {
  layer: number;
  /** The k neurons of that layer whose value vectors may change. */
  neurons: readonly number[];
  /** Prompts on which the new answer must win. */
  prompts: readonly EncodedPrompt[];
  /** Token id of the new answer. */
  target: number;
  /** Prompts on which nothing may change, in groups that weigh the same whatever their size. */
  hold: readonly (readonly EncodedPrompt[])[];
}

export interface Solution {
  /** One per neuron, in the order of the problem's. */
  changes: Change[];
  /** Least probability of the new answer over the locating prompts that the solution promises. */
  confidence: number;
}

/** Weight of the held groups against the locating prompts (mu). */
const HOLD = 1;
/** Weight of a held prompt's other positions against its target position. */
const HOLD_OTHERS = 0.05;
/** Ridge (eps), relative to the mean of the diagonal. */
const RIDGE = 1e-3;
/** Probability of the new answer that the search for delta aims at, on every locating prompt. */
const AIM = 0.95;
/** Probability at which the change is large enough: the smallest that wins is the one that disturbs least. */
const ENOUGH = 0.6;
const ADAM = { rounds: 60, rate: 0.1, first: 0.9, second: 0.999 };

/**
 * Minimises `|A D - delta|^2 + mu |A_hold D|^2 + eps |D|^2` (DESIGN: "Surgery"), where A are the neurons'
 * activations on the locating prompts, A_hold those on the held prompts, and D [k, H] the changes.
 *
 * All locating prompts want the same delta, so D = w delta^T, and the problem shrinks to the k gains w: by how much
 * each neuron takes part. The ridge and the held prompts shrink w; it is then scaled up again, just as far as the
 * new answer needs in order to win on every locating prompt. Leaves no tensor behind.
 */
export function solveRewrite(model: LanguageModel, problem: SolveProblem): Solution {
  const { layer, neurons, prompts, hold } = problem;
  const k = neurons.length;
  const traces = batches(prompts).map((indices) => traceLayer(model, layer, prompts, indices));
  try {
    const delta = findDelta(model, problem, traces);
    const own = activations(model, layer, neurons, prompts);
    const m = new Float64Array(k * k);
    addGram(m, own.target, k, 1 / prompts.length);
    for (const group of hold.filter(({ length }) => length > 0)) {
      const held = activations(model, layer, neurons, group);
      const weight = HOLD / group.length;
      addGram(m, held.target, k, weight);
      held.gram.forEach((value, i) => {
        m[i] = (m[i] ?? 0) + HOLD_OTHERS * weight * value;
      });
    }
    let diagonal = 0;
    for (let i = 0; i < k; i++) diagonal += (m[i * k + i] ?? 0) / k;
    for (let i = 0; i < k; i++) m[i * k + i] = (m[i * k + i] ?? 0) + RIDGE * diagonal + Number.MIN_VALUE;
    const key = new Float64Array(k); // mean activation on the locating prompts
    own.target.forEach((a, i) => {
      key[i % k] = (key[i % k] ?? 0) + a / prompts.length;
    });
    const gains = solvePositiveDefinite(m, key, k);
    const reach = prompts.map((_, p) => dot(own.target.subarray(p * k, (p + 1) * k), gains));
    const { scale, confidence } = findScale(model, problem, traces, delta, reach);
    const changes = neurons.map((_, i) => ({
      scale: 1,
      shift: Float32Array.from(delta, (d) => d * scale * (gains[i] ?? 0)),
    }));
    return { changes, confidence };
  } finally {
    tf.dispose(traces.map(({ once, u }) => [once, u]));
  }
}

/** A batch of locating prompts, run once up to the edited layer's FFN output. */
interface LayerTrace {
  /** Which of the prompts. */
  indices: number[];
  once: Trace;
  /** The FFN's output at the target rows [B, H]. */
  u: tf.Tensor2D;
}

function traceLayer(
  model: LanguageModel,
  layer: number,
  prompts: readonly EncodedPrompt[],
  indices: number[],
): LayerTrace {
  const once = trace(
    model.network,
    indices.map((i) => prompts[i] as EncodedPrompt),
  );
  const block = model.network.blocks[layer];
  const z = once.z[layer];
  if (!block || !z) throw new RangeError(`no layer ${layer}`);
  return { indices, once, u: tf.tidy(() => block.value.apply(block.activate(z).y).y) };
}

/**
 * The vector delta [H] that, added to the FFN output of the layer at the target position of every prompt, makes the
 * new answer win: Adam on the mean of log P(new), until it is confident on every prompt.
 */
function findDelta(model: LanguageModel, problem: SolveProblem, traces: readonly LayerTrace[]): Float32Array {
  const { hidden } = model.info;
  const delta = new Float32Array(hidden);
  const first = new Float64Array(hidden);
  const second = new Float64Array(hidden);
  for (let round = 1; round <= ADAM.rounds; round++) {
    const gradient = new Float64Array(hidden);
    let least = 1;
    for (const batch of traces) {
      const found = nudge(
        model,
        problem,
        batch,
        delta,
        batch.indices.map(() => 1),
        true,
      );
      least = Math.min(least, ...found.probs);
      found.gradient.forEach((g, i) => {
        gradient[i] = (gradient[i] ?? 0) + g / problem.prompts.length;
      });
    }
    if (least >= AIM) break;
    for (let i = 0; i < hidden; i++) {
      const g = gradient[i] ?? 0;
      first[i] = ADAM.first * (first[i] ?? 0) + (1 - ADAM.first) * g;
      second[i] = ADAM.second * (second[i] ?? 0) + (1 - ADAM.second) * g * g;
      const mean = (first[i] ?? 0) / (1 - ADAM.first ** round);
      const size = Math.sqrt((second[i] ?? 0) / (1 - ADAM.second ** round)) + 1e-12;
      delta[i] = (delta[i] ?? 0) + (ADAM.rate * mean) / size;
    }
  }
  return delta;
}

/**
 * The smallest scale of the gains (in steps of a tenth) at which the new answer reaches ENOUGH on every locating
 * prompt; the best one met where none does.
 * @param reach how much of delta each prompt receives at scale 1
 */
function findScale(
  model: LanguageModel,
  problem: SolveProblem,
  traces: readonly LayerTrace[],
  delta: Float32Array,
  reach: readonly number[],
): { scale: number; confidence: number } {
  const mean = reach.reduce((sum, r) => sum + r, 0) / reach.length;
  let best = { scale: 0, confidence: 0 };
  if (!(mean > 0)) return best; // no neuron that may change is active on these prompts
  for (let scale = 0.3 / mean; scale < 10 / mean; scale *= 1.1) {
    const least = traces.map((batch) => {
      const steps = batch.indices.map((i) => scale * (reach[i] ?? 0));
      return Math.min(...nudge(model, problem, batch, delta, steps, false).probs);
    });
    const confidence = Math.min(...least);
    if (confidence > best.confidence) best = { scale, confidence };
    if (confidence >= ENOUGH) break;
  }
  return best;
}

/**
 * P(target) per row when each row's FFN output moves by its own step along delta, and the gradient [H] of the sum
 * of log P with respect to delta.
 */
function nudge(
  model: LanguageModel,
  { layer, target }: SolveProblem,
  { once, u }: LayerTrace,
  delta: Float32Array,
  steps: readonly number[],
  withGradient: boolean,
): { gradient: Float32Array; probs: Float32Array } {
  return tf.tidy(() => {
    const moved = tf.mul(tf.tensor2d([...steps], [steps.length, 1]), tf.tensor1d(delta)); // [B, H]
    const after = suffix(model.network, once, layer, tf.add(u, moved));
    const p = tf.softmax(after.y);
    const probs = tf.slice(p, [0, target], [-1, 1]).dataSync<'float32'>();
    if (!withGradient) return { gradient: new Float32Array(), probs };
    const one = tf.oneHot(tf.tensor1d([target], 'int32'), p.shape[1] ?? 0);
    return { gradient: tf.sum(after.back(tf.sub(one, p)), 0).dataSync<'float32'>(), probs };
  });
}

/**
 * Activations of some neurons of a layer: at the target positions of the prompts [n, k], and the Gram matrix
 * [k, k] summed over all positions of all prompts.
 */
function activations(
  model: LanguageModel,
  layer: number,
  neurons: readonly number[],
  prompts: readonly EncodedPrompt[],
): { target: Float64Array; gram: Float64Array } {
  const k = neurons.length;
  const target = new Float64Array(prompts.length * k);
  const gram = new Float64Array(k * k);
  for (const indices of batches(prompts)) {
    const group = indices.map((i) => prompts[i] as EncodedPrompt);
    const length = group[0]?.ids.length ?? 0;
    const found = tf.tidy(() => {
      const ids = tf.tensor2d(
        group.flatMap((one) => one.ids),
        [group.length, length],
        'int32',
      );
      let current = model.network.embed(ids);
      for (const block of model.network.blocks.slice(0, layer)) {
        current = tf.tidy(() => feedForward(block, attend(block, current, group.length).y).y);
      }
      const block = model.network.blocks[layer];
      if (!block) throw new RangeError(`no layer ${layer}`);
      const z = block.preActivation(attend(block, current, group.length).y).y;
      const a = block.activate(tf.gather(z, tf.tensor1d([...neurons], 'int32'), 1)).y; // [B*S, k]
      return { rows: a.dataSync(), product: tf.matMul(a, a, true, false).dataSync() };
    });
    found.product.forEach((value, i) => {
      gram[i] = (gram[i] ?? 0) + value;
    });
    indices.forEach((i, b) => {
      const from = (b * length + (prompts[i] as EncodedPrompt).position) * k;
      target.set(found.rows.subarray(from, from + k), i * k);
    });
  }
  return { target, gram };
}
