// Score maps averaged over noise, so that fewer prompts say as much: NoiseGrad and FusionGrad (Bykov et al., AAAI 2022),
// SmoothGrad (Smilkov et al. 2017). The noise is seeded, and every weight is back in its place afterwards.
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import { type Held, holding, valuesIn } from '../lm/layers/weight.js';
import type { Question } from '../lm/prompt.js';
import type { Ids, Network } from '../lm/transformer.js';
import { gaussian, seeded, seedFrom } from '../random.js';
import type { NoiseSettings } from '../spec/noise.js';
import { attribute, attributeAll } from './attribution.js';
import type { Attribution, AttributionSettings, Completeness, MapSettings } from './score-map.js';

/** Score maps of questions of one length, with or without noise. Leaves no tensor behind. */
export function scoreMapsOf(
  model: LanguageModel,
  questions: readonly Question[],
  { noise, ...settings }: MapSettings,
): Attribution[] {
  if (!noise) return attributeAll(model, questions, settings);
  return questions.map((question) => attributeWithNoise(model, question, settings, noise));
}

/**
 * Mean of the score maps of noisy versions of the model, each attributed as `settings` say.
 * NoiseGrad: the weights w become w * n, n from N(1, sigma^2), each element its own; SmoothGrad: the first block's
 * input x becomes x + n, n from N(0, (sigma * (max x - min x))^2); FusionGrad: both. An overlay's value vectors are
 * weights like all others. The same seed gives the same noisy models to every prompt.
 * Leaves no tensor behind, and the model as it was, byte for byte.
 * @returns scores: the mean; completeness: the mean of every sample's own sum, delta and residual, and the gradients of
 * all samples together; prob: of the model without noise
 */
function attributeWithNoise(
  model: LanguageModel,
  question: Question,
  settings: AttributionSettings,
  noise: NoiseSettings,
): Attribution {
  const { target } = question;
  // One node is the least that gives P(target) of the model itself.
  const { prob } = attribute(model, question, target, { ...settings, rule: 'riemann-left', steps: 1 });
  const random = seeded(noise.seed);
  const mean = new MeanMap();
  const look = (seen: LanguageModel) => mean.add(attribute(seen, question, target, settings));
  const lookSmoothed = (sigma: number, samples: number) => {
    for (let i = 0; i < samples; i++) {
      look(model.seenThrough(new NoisyEmbeddings(model.network, sigma, seedFrom(random))));
    }
  };
  if (noise.method === 'smoothgrad') {
    lookSmoothed(noise.sigma, noise.samples);
  } else {
    for (let i = 0; i < noise.samples; i++) {
      withNoisyWeights(model.network, noise.sigma, seedFrom(random), () => {
        if (noise.method === 'fusiongrad') lookSmoothed(noise.inputSigma, noise.inputSamples);
        else look(model);
      });
    }
  }
  return { prob, ...mean.result() };
}

/** Does some work while every weight is multiplied by N(1, sigma^2). */
export function withNoisyWeights<T>(network: Network, sigma: number, seed: number, work: () => T): T {
  const normal = gaussian(seeded(seed));
  const noisy = new Map<Held, Held>(); // weights that are tied stay so
  const back: (() => void)[] = [];
  try {
    for (const weight of network.weights()) {
      const own = weight.held;
      const multiplied = noisy.get(own) ?? multiply(own, sigma, normal);
      noisy.set(own, multiplied);
      weight.exchange(multiplied);
      back.push(() => weight.exchange(own));
    }
    return work();
  } finally {
    for (const restore of back) restore();
    for (const weight of noisy.values()) weight.dispose();
  }
}

function multiply(own: Held, sigma: number, normal: () => number): Held {
  const values = valuesIn(own);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * (1 + sigma * normal());
  return holding(values, own);
}

/** A network whose first block sees noisy embeddings: always the same noise, however often it looks. */
class NoisyEmbeddings implements Network {
  constructor(
    private readonly inner: Network,
    private readonly sigma: number,
    private readonly seed: number,
  ) {}

  embed(ids: Ids): tf.Tensor2D {
    const clean = this.inner.embed(ids);
    const values = clean.dataSync<'float32'>();
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    const deviation = this.sigma * (most - least);
    const normal = gaussian(seeded(this.seed));
    return tf.tensor2d(
      values.map((value) => value + deviation * normal()),
      clean.shape,
    );
  }

  get causal() {
    return this.inner.causal;
  }

  get blocks() {
    return this.inner.blocks;
  }

  get words() {
    return this.inner.words;
  }

  head(x: tf.Tensor2D) {
    return this.inner.head(x);
  }

  readout(embedding: tf.Tensor2D) {
    return this.inner.readout(embedding);
  }

  toEmbeddingWidth(x: tf.Tensor2D) {
    return this.inner.toEmbeddingWidth(x);
  }

  weights() {
    return this.inner.weights();
  }

  dispose(): void {
    this.inner.dispose();
  }
}

/** The mean of attributions, as they come. */
class MeanMap {
  private scores = new Float64Array();
  private completeness: Completeness[] = [];
  private count = 0;

  add({ scores, completeness }: Attribution): void {
    if (this.count++ === 0) {
      this.scores = Float64Array.from(scores);
      this.completeness = completeness;
      return;
    }
    for (let i = 0; i < scores.length; i++) this.scores[i] = (this.scores[i] ?? 0) + (scores[i] ?? 0);
    this.completeness = this.completeness.map((one, layer) => {
      const { sum = 0, delta = 0, residual = 0, nodes = 0 } = completeness[layer] ?? {};
      return {
        sum: one.sum + sum,
        delta: one.delta + delta,
        residual: one.residual + residual,
        nodes: one.nodes + nodes,
      };
    });
  }

  result(): Omit<Attribution, 'prob'> {
    const { count } = this;
    return {
      scores: Float32Array.from(this.scores, (sum) => sum / count),
      completeness: this.completeness.map(({ sum, delta, residual, nodes }) => ({
        sum: sum / count,
        delta: delta / count,
        residual: residual / count,
        nodes,
      })),
    };
  }
}
