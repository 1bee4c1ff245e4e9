// Checkpoints of the families since Llama, spelled as they are met in the wild.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/engine.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { trace } from '../../src/lm/transformer.js';
import { type Rewriting, rewritten, tensor } from '../support/checkpoints.js';
import { goldenDirectory } from '../support/golden.js';

/** Logits of a prompt. */
async function logitsOf(directory: string): Promise<Float32Array> {
  await prepareEngine('wasm');
  const model = LanguageModel.load(directory);
  const once = trace(model.network, [{ ids: [2, 5, 7, 11, 3], position: 4 }]);
  const logits = Float32Array.from(once.logits.dataSync());
  tf.dispose(once);
  model.dispose();
  return logits;
}

const named = (rename: (name: string) => string): Rewriting['tensors'] => {
  return (tensors) => tensors.map((one) => ({ ...one, name: rename(one.name) }));
};

const withImages = (prefix: string): Rewriting => ({
  tensors: (all) => [
    ...(named((name) => prefix + name)?.(all) ?? []),
    tensor('vision_tower.vision_model.post_layernorm.weight', [2], [1, 2]),
  ],
  config: (config) => ({
    model_type: 'gemma3',
    architectures: ['Gemma3ForConditionalGeneration'],
    text_config: config,
  }),
});

it.each<[string, string, Rewriting]>([
  ['gemma3', 'the text part of a model that sees images', withImages('language_model.')],
  [
    'gemma3',
    'the same, as transformers 5 names it',
    {
      ...withImages(''),
      tensors: named((name) => name.replace(/^model\./, 'model.language_model.')),
    },
  ],
  ['opt', 'without the name of the whole', { tensors: named((name) => name.replace(/^model\./, '')) }],
  [
    'gpt_neox',
    'an output head of a newer name',
    { tensors: named((name) => name.replace('embed_out', 'lm_head')) },
  ],
  [
    'qwen3',
    'an output head that is there although it is tied',
    {
      tensors: (all) => [
        ...all,
        ...all.flatMap((one) =>
          one.name === 'model.embed_tokens.weight' ? [{ ...one, name: 'lm_head.weight' }] : [],
        ),
      ],
    },
  ],
  [
    'qwen3',
    'an output head that is not there although it is not tied',
    { config: (config) => ({ ...config, tie_word_embeddings: false }) },
  ],
  [
    'llama',
    'stored frequencies, which nobody needs',
    {
      tensors: (all) => [...all, tensor('model.layers.0.self_attn.rotary_emb.inv_freq', [4], [1, 2, 3, 4])],
    },
  ],
])('%s: %s', async (kind, _, rewriting) => {
  expect(await logitsOf(rewritten(kind, rewriting))).toEqual(await logitsOf(goldenDirectory(kind)));
});

it.each<[string, Rewriting['config'], RegExp]>([
  ['llama', (config) => ({ ...config, hidden_act: 'mish' }), /config\.json: hidden_act: must be one of/],
  [
    'llama',
    (config) => ({ ...config, num_key_value_heads: 3 }),
    /config\.json: num_attention_heads: is not a multiple of num_key_value_heads/,
  ],
  [
    'phi3',
    (config) => ({
      ...config,
      rope_parameters: { rope_type: 'longrope', short_factor: [1], long_factor: [1] },
    }),
    /config\.json: rope_parameters\.rope_type: "longrope" is not supported; supported: default, linear, llama3/,
  ],
  [
    'gptj',
    (config) => ({ ...config, rotary_dim: 64 }),
    /config\.json: rotary_dim: exceeds the width of a head/,
  ],
  [
    'opt',
    (config) => ({ ...config, layer_norm_elementwise_affine: false }),
    /config\.json: layer_norm_elementwise_affine: only layer norms with weights are supported/,
  ],
])('%s with a configuration that is not supported', (kind, config, message) => {
  const directory = rewritten(kind, config ? { config } : {});
  expect(() => LanguageModel.load(directory)).toThrow(message);
});
