// Noise as users ask for it: `--noise noisegrad:sigma=0.2,samples=10`, or an object in an edit file.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { validate } from './json.js';

const sigma = z.number().positive().max(10);
const samples = z.number().int().positive().max(1000);
const seed = z.number().int().nonnegative().max(0xffffffff).default(1);

const METHODS = ['noisegrad', 'smoothgrad', 'fusiongrad'] as const;

/**
 * The defaults are the papers': weights times N(1, 0.2^2), 10 models (Bykov et al. 2022, as released); embeddings plus
 * N(0, (0.15 range)^2), in the middle of the recommended 10% to 20%, 50 samples (Smilkov et al. 2017, section 3).
 * FusionGrad takes 10 embeddings for each of 10 models, as released.
 */
export const noiseSchema = z.discriminatedUnion(
  'method',
  [
    z.strictObject({
      method: z.literal('noisegrad'),
      /** Deviation of the factors of the weights. */
      sigma: sigma.default(0.2),
      /** Models. */
      samples: samples.default(10),
      seed,
    }),
    z.strictObject({
      method: z.literal('smoothgrad'),
      /** Deviation of what is added to the embeddings, as a share of their range. */
      sigma: sigma.default(0.15),
      samples: samples.default(50),
      seed,
    }),
    z.strictObject({
      method: z.literal('fusiongrad'),
      /** Of the weights. */
      sigma: sigma.default(0.2),
      samples: samples.default(10),
      /** Of the embeddings, under each of the models. */
      inputSigma: sigma.default(0.15),
      inputSamples: samples.default(10),
      seed,
    }),
  ],
  {
    error: (issue) => (issue.code === 'invalid_union' ? `must be one of ${METHODS.join(', ')}` : undefined),
  },
);

export type NoiseSettings = z.infer<typeof noiseSchema>;

/**
 * Reads `METHOD` or `METHOD:NAME=NUMBER,...`.
 * @throws InputError that names the option and what is wrong with it
 */
export function parseNoise(text: string): NoiseSettings {
  const [method = '', list = '', ...rest] = text.split(':');
  const pairs = list === '' ? [] : list.split(',').map((pair) => pair.split('='));
  const given = pairs.map(([name = '', value = '', ...more]): [string, number] => {
    if (name && value.trim() && more.length === 0) return [name.trim(), Number(value)];
    throw new InputError(
      `--noise: "${text}" is not METHOD:NAME=NUMBER,…, e.g. noisegrad:sigma=0.2,samples=10`,
    );
  });
  if (rest.length > 0) throw new InputError(`--noise: "${text}" has more than one colon`);
  return validate('--noise', { ...Object.fromEntries(given), method: method.trim() }, noiseSchema);
}
