// What is integrated: P(target) and its gradient along the path from zero to a layer's activation, many points at once.
import * as tf from '@tensorflow/tfjs-core';
import type { Block, NeuronInputs } from '../lm/block.js';
import type { LanguageModel } from '../lm/language-model.js';
import { pick, stack } from '../lm/rows.js';
import { suffixes, type Trace, type Versions } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';
import type { Integrand } from './integrals.js';
import { batchesOf, type Integrated, integrateBatches, type Nodes, nodesOf, weightsOf } from './nodes.js';
import type { Course } from './score-map.js';
import { probabilitiesIn, targetGradients, targetProbabilities } from './target.js';

/** Prompts of one length, traced together, and what is asked of each. */
export interface Traced extends Course {
  model: LanguageModel;
  once: Trace;
  /** Token ids, one per prompt. */
  targets: readonly number[];
}

/** The path of one prompt through one layer. */
export interface LayerPath {
  /** Number in the trace. */
  prompt: number;
  layer: number;
}

/** Points on it. */
export type Points = LayerPath & Nodes;

/** P(target) of each prompt, nothing changed. */
export function probabilities({ once, targets }: Traced): Float32Array {
  return valuesOf(() => probabilitiesIn(once.logits, targets));
}

/** P(target) along the paths through layers. */
export function alongLayers(traced: Traced): Integrand<LayerPath> {
  return {
    integrate: (points) => integrate(traced, points),
    valuesAt: (points) => probabilitiesAt(traced, points),
  };
}

/** P(target) at the points, in their order (each of one node); forward only. */
export function probabilitiesAt(traced: Traced, points: readonly Points[]): number[] {
  const found = new Map<Points, number>();
  for (const batch of fromBelow(traced, points)) {
    const places = placesOf(batch);
    const values = valuesOf(() => {
      const starts = places.map((place) => versions(traced, place, layOut(traced, place)));
      const { y } = suffixes(traced.model.network, traced.once, starts);
      return targetProbabilities(traced.model.network, y, targetsAt(traced, places));
    });
    batch.forEach(({ origin }, i) => {
      found.set(origin, values[i] ?? 0);
    });
  }
  return points.map((one) => found.get(one) ?? 0);
}

/** What each entry of the points comes to: `a_i * sum_k w_k dP/ds_i(alpha_k a)` for every neuron i [F]. */
export function integrate(traced: Traced, points: readonly Points[]): Integrated[] {
  const { neurons } = traced.model.info;
  const found = integrateBatches(fromBelow(traced, points), neurons, (batch) =>
    integrateBatch(traced, placesOf(batch)),
  );
  return points.map((one) => found.get(one) ?? { scores: new Float32Array(neurons), values: [] });
}

/** Batches of the points, in ascending order of layers. */
function fromBelow({ model, once }: Traced, points: readonly Points[]) {
  const sorted = [...points].sort((a, b) => a.layer - b.layer);
  return batchesOf(sorted, ({ layer }) => bytesOfPoint(model, once, layer));
}

/**
 * What one point keeps of the blocks above its layer: of attention; of the rows that it changes, what their norms saw, z
 * (and up) and the gradient; and what the block at hand works with.
 */
export function bytesOfPoint({ info, network }: LanguageModel, once: Trace, layer: number): number {
  const { hidden, layers } = info;
  const block = network.blocks[layer];
  const rows = network.causal ? 1 : once.length;
  const inputs = once.inputs[layer]?.up ? 2 * info.neurons : info.neurons;
  const stream = (block?.normsOutput ? 5 : 3) * hidden;
  const kept = rows * (stream + inputs) + (block?.attention.kept(rows, once.length) ?? 0);
  return Float32Array.BYTES_PER_ELEMENT * ((layers - 1 - layer) * kept + rows * 4 * info.neurons);
}

/** All entries of a batch in one layer; what belongs to their points stands in one row after the other. */
interface Place {
  layer: number;
  entries: readonly Points[];
  /** The prompt of each point [N]. */
  prompts: readonly number[];
}

/** The entries of a batch, layer by layer, in their order. */
function placesOf(batch: readonly Points[]): Place[] {
  return [...new Set(batch.map(({ layer }) => layer))].map((layer) => {
    const entries = batch.filter((one) => one.layer === layer);
    return { layer, entries, prompts: entries.flatMap(({ prompt, nodes }) => nodes.map(() => prompt)) };
  });
}

function targetsAt({ targets }: Traced, places: readonly Place[]): number[] {
  return places.flatMap(({ prompts }) => prompts.map((prompt) => targets[prompt] ?? 0));
}

/** The part of the integrals that some points contribute, one row of F scores per entry; and P at each point [N, 1]. */
function integrateBatch(
  traced: Traced,
  places: readonly Place[],
): { scores: tf.Tensor2D; values: tf.Tensor2D } {
  const laid = places.map((place) => layOut(traced, place));
  const starts = places.map((place, i) => versions(traced, place, laid[i] as LaidOut));
  const { network } = traced.model;
  const after = suffixes(network, traced.once, starts);
  const { probs, gradients } = targetGradients(network, after.y, targetsAt(traced, places));
  const du = after.back(gradients);
  const scores = stack(laid.map((one, i) => tf.tidy(() => one.scores(du[i] as tf.Tensor2D)))).y;
  return { scores, values: probs };
}

/** Points on their paths: what the FFN gives there, and from its gradient back to the neurons. */
interface LaidOut {
  /** [N, H] */
  u: tf.Tensor2D;
  /** dL/du [N, H] to the weighted sums of a_i dL/ds_i over the points of each entry [entries, F]. */
  scores(du: tf.Tensor2D): tf.Tensor2D;
}

function versions({ path }: Traced, { layer, prompts }: Place, { u }: LaidOut): Versions {
  return { layer, prompts, u, frozenNorm: path === 'frozen-norm' };
}

function layOut({ model, once, site }: Traced, place: Place): LaidOut {
  const block = model.network.blocks[place.layer];
  const inputs = once.inputs[place.layer];
  const u = once.u[place.layer]; // [B, H]
  if (!block || !inputs || !u) throw new RangeError(`no layer ${place.layer}`);
  return site === 'post' ? layOutAfter(block, inputs, u, place) : layOutBefore(block, inputs, place);
}

/** The FFN is linear in its activation: its output, known from the trace, serves all points, and one product their gradients. */
function layOutAfter(
  block: Block,
  inputs: NeuronInputs,
  u: tf.Tensor2D,
  { entries, prompts }: Place,
): LaidOut {
  const { value } = block;
  const a = block.activate(inputs).y; // [B, F]
  const whole = pick(tf.sub<tf.Tensor2D>(u, value.offset), prompts); // [N, H]
  const scores = (du: tf.Tensor2D) =>
    tf.mul<tf.Tensor2D>(pick(a, promptsOf(entries)), value.back(tf.matMul(weightsOf(entries), du)));
  return { u: tf.add(tf.mul(nodesOf(entries), whole), value.offset), scores };
}

/** The row before the non-linearity runs along the path; what a gated FFN multiplies with stays. */
function layOutBefore(block: Block, { z, up }: NeuronInputs, { entries, prompts }: Place): LaidOut {
  const { value } = block;
  const active = block.activate({
    z: tf.mul<tf.Tensor2D>(nodesOf(entries), pick(z, prompts)), // [N, F]
    up: up && pick(up, prompts),
  });
  const scores = (du: tf.Tensor2D) =>
    tf.mul<tf.Tensor2D>(
      pick(z, promptsOf(entries)),
      tf.matMul(weightsOf(entries), active.back(value.back(du)).z),
    );
  return { u: value.apply(active.y).y, scores };
}

function promptsOf(entries: readonly Points[]): number[] {
  return entries.map(({ prompt }) => prompt);
}
