// Checkpoints of the families since Llama, spelled as they are met in the wild.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { trace } from '../../src/lm/transformer.js';
import { promotedTokens } from '../../src/locate/promoted.js';
import { type Rewriting, rewritten, tensor, valuesOf } from '../support/checkpoints.js';
import { goldenDirectory, relativeError } from '../support/golden.js';

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

/** ELECTRA with every number of an embedding written twice, which the head's norm makes good: P exceeds H. */
const wide: Rewriting = {
  config: (config) => ({ ...config, embedding_size: 48 }),
  tensors: (all) =>
    all.map((one) => {
      const { name, shape } = one;
      const values = Array.from(valuesOf(one));
      const twice = (some: number[]) => [...some, ...some];
      const rows = (width: number) =>
        Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
      if (/generator_predictions\.LayerNorm/.test(name)) {
        return tensor(
          name,
          [48],
          twice(values).map((value) => value / 2),
        );
      }
      if (/embeddings\.LayerNorm|generator_predictions\.dense\.bias/.test(name)) {
        return tensor(name, [48], twice(values));
      }
      if (/generator_predictions\.dense\.weight/.test(name)) return tensor(name, [48, 32], twice(values));
      if (/embeddings_project\.weight/.test(name)) {
        return tensor(
          name,
          [32, 48],
          rows(24).flatMap((row) => twice(row.map((value) => value / 2))),
        );
      }
      if (/_embeddings\.weight/.test(name)) return tensor(name, [shape[0] ?? 0, 48], rows(24).flatMap(twice));
      return one;
    }),
};

it('electra: embeddings wider than the stream', async () => {
  const directory = rewritten('electra', wide);
  const logits = await logitsOf(goldenDirectory('electra'));
  expect(relativeError(await logitsOf(directory), [...logits])).toBeLessThan(1e-5);
  const of = <T>(path: string, work: (model: LanguageModel) => T): T => {
    const model = LanguageModel.load(path);
    const result = work(model);
    model.dispose();
    return result;
  };
  const promoted = (model: LanguageModel) =>
    promotedTokens(
      model,
      [
        [0, 3],
        [2, 7],
      ],
      5,
    );
  expect(of(directory, promoted)).toEqual(of(goldenDirectory('electra'), promoted));
  const readout = (model: LanguageModel) =>
    tf.tidy(() => [...model.network.readout(model.network.words.pick([7], 0)).dataSync<'float32'>()]);
  const [found, expected] = [of(directory, readout), of(goldenDirectory('electra'), readout)];
  expect(relativeError(found, expected)).toBeLessThan(1e-5);
});

const change = (changes: object) => (config: Record<string, unknown>) => ({ ...config, ...changes });

const [FULL, SLIDING] = ['full_attention', 'sliding_attention'];

it.each<[string, string, object, object]>([
  [
    'qwen2-window',
    'listed layers count more than the first with a window',
    { max_window_layers: 28 },
    { layer_types: undefined },
  ],
  [
    'qwen2-window',
    'windows in all layers, in both spellings',
    { layer_types: [SLIDING, SLIDING, SLIDING] },
    { layer_types: undefined, max_window_layers: 0 },
  ],
  [
    'qwen2-window',
    'no layer with a window, and windows wider than any prompt',
    { layer_types: [FULL, FULL, FULL] },
    { sliding_window: 1000 },
  ],
  [
    'qwen2-window',
    'no windows unless they are used',
    { use_sliding_window: false },
    { sliding_window: null },
  ],
  ['gemma2', 'a curve that does not count any more', { hidden_act: 'gelu' }, {}],
  ['gemma2', 'no curve, which is the approximation', { hidden_activation: null, hidden_act: 'silu' }, {}],
  ['gemma', 'the old name of the approximation', { hidden_act: 'gelu', hidden_activation: null }, {}],
  ['llama', 'the architecture as it was called first', { architectures: ['LLaMAForCausalLM'] }, {}],
  ['llama', 'no quantization', { quantization_config: null }, {}],
])('%s: %s', async (kind, _, one, other) => {
  const logits = async (changes: object) => logitsOf(rewritten(kind, { config: change(changes) }));
  expect(await logits(one)).toEqual(await logits(other));
});

it.each<[string, string, object]>([
  ['qwen2-window', 'a window in the first layer too', { layer_types: [SLIDING, SLIDING, SLIDING] }],
  ['qwen2-window', 'no window', { use_sliding_window: false }],
  ['gemma2', 'the exact curve, where it is asked for', { hidden_activation: 'gelu' }],
  ['gemma', 'the exact curve, where it is asked for', { hidden_activation: 'gelu' }],
])('%s: %s is another model', async (kind, _, changes) => {
  const logits = await logitsOf(rewritten(kind, { config: change(changes) }));
  expect(logits).not.toEqual(await logitsOf(goldenDirectory(kind)));
});

it.each<[string, Rewriting['config'], RegExp]>([
  [
    'qwen2-window',
    change({ layer_types: [FULL, SLIDING] }),
    /config\.json: layer_types: lists 2 of 3 layers \(num_hidden_layers\)/,
  ],
  [
    'qwen3',
    change({ head_dim: null }),
    /tensor ".*" is \[16\]; config\.json asks for \[8\]|asks for \[32,32\]/,
  ],
  ['gemma3', change({ layer_types: [FULL] }), /config\.json: layer_types: lists 1 of 3 layers/],
  ['modernbert', change({ layer_types: [] }), /config\.json: layer_types: lists 0 of 3 layers/],
  [
    'llama',
    change({ quantization_config: { quant_method: 'gptq', bits: 4 } }),
    /config\.json: quantization_config: quantized weights \(gptq\) are not supported; take the model that they/,
  ],
  ['llama', change({ quantization_config: { load_in_8bit: true } }), /quantized weights are not supported/],
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
