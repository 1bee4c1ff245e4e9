// NoiseGrad, SmoothGrad and FusionGrad: what the noise is, what is averaged, and that nothing of it stays behind.
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { valuesIn } from '../../src/lm/layers/weight.js';
import { extendOverlay, NO_OVERLAY } from '../../src/lm/overlay.js';
import { attribute } from '../../src/locate/attribution.js';
import { scoreMapsOf, withNoisyWeights } from '../../src/locate/noise.js';
import { meanMap } from '../../src/locate/refined.js';
import type { Attribution, MapSettings } from '../../src/locate/score-map.js';
import { gaussian, seeded, seedFrom } from '../../src/random.js';
import { type NoiseSettings, noiseSchema, parseNoise } from '../../src/spec/noise.js';
import { readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const ADAPTIVE = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' } as const;
const FEW = { ...ADAPTIVE, rule: 'gauss-legendre', steps: 6 } as const;

let model: LanguageModel;
let prompt: ReturnType<LanguageModel['tokenizer']['encodePrompt']>;
let target: number;

beforeAll(async () => {
  model = await loadGolden('bert');
  const [fact] = readGolden('bert').facts;
  prompt = model.tokenizer.encodePrompt(fact?.prompts[0]?.prompt ?? '');
  target = fact?.label ?? 0;
});

function mapOf(settings: MapSettings): Attribution {
  return scoreMapsOf(model, [{ ...prompt, target }], settings)[0] as Attribution;
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** SHA-256 of all weights, and of what the model answers. */
function stateOf({ network }: LanguageModel): string {
  const hash = createHash('sha256');
  for (const { held } of network.weights()) hash.update(bytesOf(valuesIn(held)));
  const map = attribute(model, prompt, target, FEW);
  return hash.update(map.scores).digest('hex');
}

describe('weights', () => {
  it('are all multiplied, each element by its own draw from N(1, sigma^2)', () => {
    // Those that are tied come twice, as one tensor.
    const values = () =>
      [...new Set(model.network.weights().map(({ held }) => held))].map((held) => [...valuesIn(held)]);
    const own = values();
    const noisy = withNoisyWeights(model.network, 0.2, 7, values);
    expect(noisy).toHaveLength(own.length);
    const factors = own.flatMap((values, i) =>
      values.flatMap((value, j) => (value === 0 ? [] : [((noisy[i]?.[j] ?? 0) / value - 1) / 0.2])),
    );
    expect(factors.length).toBeGreaterThan(0.9 * own.flat().length);
    expectNormal(factors);
  });

  it('come back when the work fails', () => {
    const before = stateOf(model);
    const fail = () => {
      throw new Error('stop');
    };
    expect(() => withNoisyWeights(model.network, 0.2, 1, fail)).toThrow('stop');
    expect(stateOf(model)).toBe(before);
  });
});

describe.each<[string, NoiseSettings]>([
  ['noisegrad', parseNoise('noisegrad:sigma=0.2,samples=3')],
  ['smoothgrad', parseNoise('smoothgrad:sigma=0.15,samples=3')],
  ['fusiongrad', parseNoise('fusiongrad:samples=2,inputSamples=2')],
])('%s', (_, noise) => {
  const map = (changes: object = {}, settings: typeof ADAPTIVE | typeof FEW = FEW) =>
    mapOf({ ...settings, noise: { ...noise, ...changes } });

  it('leaves the model and its edits byte for byte as they were, and no tensor', () => {
    const vector = new Float32Array(model.info.hidden).fill(0.5);
    for (const overlay of [NO_OVERLAY, extendOverlay(NO_OVERLAY, [{ at: [1, 3], vector }])]) {
      model.use(overlay);
      const before = stateOf(model);
      const { numTensors, numBytes } = tf.memory();
      map();
      attribute(model, prompt, target, FEW); // makes the transposed copies again
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
      expect(stateOf(model)).toBe(before);
    }
    model.use(NO_OVERLAY);
  });

  it('sees the edits', () => {
    const clean = map();
    const vector = new Float32Array(model.info.hidden).fill(0.5);
    model.use(extendOverlay(NO_OVERLAY, [{ at: [1, 3], vector }]));
    expect(relativeError(map().scores, [...clean.scores])).toBeGreaterThan(1e-3);
    model.use(NO_OVERLAY);
  });

  it('is the same for the same seed and another for another', () => {
    const { scores } = map();
    expect(map().scores).toEqual(scores);
    expect(relativeError(map({ seed: 2 }).scores, [...scores])).toBeGreaterThan(1e-3);
  });

  it('vanishes with its sigma', () => {
    const clean = attribute(model, prompt, target, FEW);
    const still = map({ sigma: 1e-6, ...('inputSigma' in noise && { inputSigma: 1e-6 }) });
    expect(relativeError(still.scores, [...clean.scores])).toBeLessThan(1e-3);
    expect(relativeError(map().scores, [...clean.scores])).toBeGreaterThan(1e-2);
  });

  it('reports the model’s own probability, and how good the integrals of the samples are', () => {
    const { prob, completeness } = map({}, ADAPTIVE);
    const clean = attribute(model, prompt, target, ADAPTIVE);
    expect(prob).toBeCloseTo(clean.prob, 6);
    const largest = Math.max(...completeness.map(({ delta }) => Math.abs(delta)));
    for (const { sum, delta, residual } of completeness) {
      expect(residual).toBeLessThanOrEqual(ADAPTIVE.tolerance);
      expect(Math.abs(sum - delta)).toBeLessThan(0.01 * largest);
    }
  });
});

it('noisegrad averages the maps of the noisy models', () => {
  const random = seeded(9);
  const maps = [seedFrom(random), seedFrom(random)].map((seed) =>
    withNoisyWeights(model.network, 0.3, seed, () => attribute(model, prompt, target, FEW)),
  );
  const noise = noiseSchema.parse({ method: 'noisegrad', sigma: 0.3, samples: 2, seed: 9 });
  const found = mapOf({ ...FEW, noise });
  expect(relativeError(found.scores, [...meanMap(maps.map(({ scores }) => scores))])).toBeLessThan(1e-6);
  found.completeness.forEach(({ residual, nodes }, layer) => {
    const own = maps.map(({ completeness }) => completeness[layer]?.residual ?? 0);
    expect(residual).toBeCloseTo(((own[0] ?? 0) + (own[1] ?? 0)) / 2, 12);
    expect(nodes).toBe(2 * FEW.steps);
  });
});

it('smoothgrad scales with the range of the embeddings', () => {
  // The first layer's residual stream x at the target position is a smooth function of the embeddings: for a small
  // sigma its deviation is proportional to sigma.
  const noise = (sigma: number) => noiseSchema.parse({ method: 'smoothgrad', sigma, samples: 20, seed: 3 });
  const clean = [...attribute(model, prompt, target, FEW).scores];
  const far = (sigma: number) =>
    relativeError(mapOf({ ...FEW, noise: { ...noise(sigma), samples: 1 } }).scores, clean);
  expect(far(2e-3) / far(1e-3)).toBeCloseTo(2, 1);
});

/** Mean, deviation, and the distribution function at a few places. */
function expectNormal(values: readonly number[]): void {
  const slack = 5 / Math.sqrt(values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(slack);
  expect(Math.abs(variance - 1)).toBeLessThan(2 * slack);
  for (const [place, share] of [
    [-1.959964, 0.025],
    [-1, 0.158655],
    [0.6744898, 0.75],
    [2.575829, 0.995],
  ] as const) {
    const below = values.filter((value) => value < place).length / values.length;
    expect(Math.abs(below - share)).toBeLessThan(slack);
  }
}

describe('gaussian numbers', () => {
  it('are standard normal, and uncorrelated', () => {
    const normal = gaussian(seeded(1));
    const values = Array.from({ length: 100_000 }, normal);
    expectNormal(values);
    const together =
      values.slice(1).reduce((sum, value, i) => sum + value * (values[i] ?? 0), 0) / values.length;
    expect(Math.abs(together)).toBeLessThan(0.02);
  });

  it('are the same for the same seed', () => {
    const [a, b] = [gaussian(seeded(5)), gaussian(seeded(5))];
    expect(Array.from({ length: 9 }, a)).toEqual(Array.from({ length: 9 }, b));
  });
});

describe('noise as it is written', () => {
  it('has the papers’ defaults', () => {
    expect(parseNoise('noisegrad')).toEqual({ method: 'noisegrad', sigma: 0.2, samples: 10, seed: 1 });
    expect(parseNoise('smoothgrad')).toEqual({ method: 'smoothgrad', sigma: 0.15, samples: 50, seed: 1 });
    expect(parseNoise('fusiongrad:samples=4,seed=3')).toEqual({
      method: 'fusiongrad',
      sigma: 0.2,
      samples: 4,
      inputSigma: 0.15,
      inputSamples: 10,
      seed: 3,
    });
  });

  it.each([
    ['gaussgrad', 'method: must be one of noisegrad, smoothgrad, fusiongrad'],
    ['', 'method: must be one of'],
    ['noisegrad:sigma', 'is not METHOD:NAME=NUMBER'],
    ['noisegrad:sigma=', 'is not METHOD:NAME=NUMBER'],
    ['noisegrad:sigma=much', 'sigma: must be a number'],
    ['noisegrad:sigma=-1', 'sigma: must be above 0'],
    ['noisegrad:samples=1.5', 'samples: '],
    ['noisegrad:samples=0', 'samples: '],
    ['noisegrad:inputSigma=0.1', 'unknown field "inputSigma"'],
    ['noisegrad:sigma=1:seed=2', 'more than one colon'],
  ])('%j is refused', (text, says) => {
    expect(() => parseNoise(text)).toThrow(/^--noise: /);
    expect(() => parseNoise(text)).toThrow(says);
  });
});
