// The reference values in tests/golden: computed in float64 with PyTorch hooks on the Hugging Face implementation.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { EngineName } from '../../src/spec/choices.js';

const neurons = z.array(z.tuple([z.number(), z.number()]));
const top = z.array(z.object({ id: z.number(), token: z.string(), prob: z.number() }));
const scores = z.array(z.array(z.number()));

/** By rule and number of steps, "gauss-legendre-48". */
const attributions = z.record(
  z.string(),
  z.object({ scores, completeness: z.array(z.object({ sum: z.number(), delta: z.number() })) }),
);

const goldenSchema = z.object({
  kind: z.string(),
  /** `model_type` of the config. */
  modelType: z.string().optional(),
  /** The rule behind `sets` and the neurons of `surgery`. */
  setsFrom: z.string().default('gauss-legendre-48'),
  tokenizer: z.array(z.object({ text: z.string(), ids: z.array(z.number()) })),
  facts: z.array(
    z.object({
      object: z.string(),
      objectIds: z.array(z.number()),
      label: z.number(),
      new: z.string(),
      newIds: z.array(z.number()),
      newLabel: z.number(),
      prompts: z.array(
        z.object({
          prompt: z.string(),
          ids: z.array(z.number()),
          position: z.number(),
          prob: z.number(),
          rank: z.number(),
          newProb: z.number(),
          top,
          activations: scores,
          attribution: attributions,
          /** At site `pre`. */
          attributionPre: attributions.default({}),
          /** On the path `frozen-norm`, where a norm acts on the FFN's output alone. */
          attributionFrozenNorm: attributions.default({}),
          /** Of causal models: the prompt with a blank and the object behind it. */
          continuationIds: z.array(z.number()).optional(),
        }),
      ),
      sets: z.array(
        z.object({ threshold: z.number(), share: z.number(), coarse: z.array(neurons), refined: neurons }),
      ),
      surgery: z.object({
        neurons,
        cases: z.array(
          z.object({
            op: z.string(),
            scope: z.enum(['weights', 'activation-at-target']),
            scale: z.number().optional(),
            scaling: z.enum(['absolute', 'relative']).optional(),
            lambdaOld: z.number().optional(),
            lambdaNew: z.number().optional(),
            direction: z.enum(['embedding', 'readout']).optional(),
            unkId: z.number().optional(),
            value: z.enum(['zero', 'unk']).optional(),
            after: z.array(z.object({ prob: z.number(), newProb: z.number(), top })),
          }),
        ),
      }),
    }),
  ),
});

const answer = z.object({ gtProb: z.number(), argmaxProb: z.number(), argmax: z.string() });
const beforeAfter = z.object({ before: answer, after: answer });

const peerSchema = z.object({
  facts: z.array(
    z.object({
      object: z.string(),
      new: z.string(),
      prompts: z.array(z.string()),
      scores: z.array(scores),
      coarse: z.record(z.string(), z.array(neurons)),
      refined: z.array(z.object({ p: z.number(), coarse: z.string(), neurons })),
      surgery: z.object({
        neurons,
        prompt: z.string(),
        suppress: beforeAfter,
        enhance: beforeAfter,
        /** On weights that lie as [in, out] the peer changes the wrong axis, so it has no answers for GPT-2. */
        eraseZero: beforeAfter.optional(),
        eraseUnk: beforeAfter.optional(),
        edit: beforeAfter.optional(),
      }),
    }),
  ),
});

/** One folder of tests/golden each; those of before 2022. */
export const FAMILIES = ['bert', 'bert-cased', 'distilbert', 'roberta', 'gpt2', 'gpt-neo'] as const;

/** Those since. */
export const MODERN: readonly string[] = [
  'llama',
  'llama-tied',
  'llama-smol',
  'mistral',
  'qwen2',
  'qwen2-window',
  'qwen3',
  'gemma',
  'gemma2',
  'gemma3',
  'gpt_neox',
  'gpt_neox-seq',
  'gptj',
  'opt',
  'opt-350m',
  'phi',
  'phi3',
  'olmo2',
  'modernbert',
  'electra',
  'deberta-v2',
  'albert',
];

/** All. */
export const KINDS: readonly string[] = [...FAMILIES, ...MODERN];

/** Those with ReLU: where a neuron's input is zero there is a kink on the path, which Gauss-Legendre only closes in on. */
export const KINKED: readonly string[] = ['opt', 'opt-350m'];

/** Those of which EleutherAI/knowledge-neurons gave answers. */
export const PEER_FAMILIES = ['bert', 'bert-cased', 'gpt2'] as const;

/** The checkpoint directory of a family. */
export function goldenDirectory(family: string): string {
  return new URL(`../golden/${family}`, import.meta.url).pathname;
}

export function readGolden(family: string) {
  const compressed = readFileSync(`${goldenDirectory(family)}/golden.json.gz`);
  return goldenSchema.parse(JSON.parse(gunzipSync(compressed).toString()));
}

/**
 * The facts that are compared on an engine: on webgpu one prompt of one, which takes seconds where the processor emulates
 * the device.
 */
export function factsOn(engine: EngineName, { facts }: ReturnType<typeof readGolden>) {
  if (engine !== 'webgpu') return facts;
  return facts.slice(0, 1).map((fact) => ({ ...fact, prompts: fact.prompts.slice(0, 1) }));
}

/** What EleutherAI/knowledge-neurons itself answered, in float32. */
export function readPeer(family: string) {
  return peerSchema.parse(
    JSON.parse(readFileSync(`${goldenDirectory(family)}/peer-eleutherai.json`, 'utf8')),
  );
}

/** How far a number is from another, relative to that one. */
export function ratioError(found: number | undefined, expected: number): number {
  return Math.abs((found ?? Number.NaN) / expected - 1);
}

/** "layer:neuron" of each, sorted: for comparing sets. */
export function asSet(found: readonly (readonly [number, number])[]): string[] {
  return found.map(([layer, neuron]) => `${layer}:${neuron}`).sort();
}

/** Largest difference of two lists of numbers, relative to the largest of the second. */
export function relativeError(found: ArrayLike<number>, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)))) / scale;
}
