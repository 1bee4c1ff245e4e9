// Checkpoints as they are met in the wild: a golden one rewritten into each spelling gives the same numbers.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { inspectCheckpoint } from '../../src/lm/inspect.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { probe } from '../../src/probe/probe.js';
import { fingerprintsIn } from '../../src/session/stored-fingerprints.js';
import {
  half,
  type Rewriting,
  readTensors,
  rewritten,
  type Tensor,
  tensor,
  valuesOf,
} from '../support/checkpoints.js';
import { FAMILIES, goldenDirectory, KINDS, readGolden } from '../support/golden.js';

beforeAll(() => prepareEngine('wasm'));

function withModel<T>(directory: string, work: (model: LanguageModel) => T): T {
  const model = LanguageModel.load(directory);
  try {
    return work(model);
  } finally {
    model.dispose();
  }
}

/** The probabilities of some tokens in all prompts of the family's reference values. */
function probabilities(family: string, directory: string, tokens?: number[]): number[] {
  return withModel(directory, (model) =>
    readGolden(family).facts.flatMap(({ prompts, label, newLabel }) => {
      const ask = (tokens ?? [label, newLabel]).map((id) => model.tokenizer.encodeTarget({ id }));
      const probes = prompts.map(({ prompt }) => ({ prompt: model.tokenizer.encodePrompt(prompt), ask }));
      return probe(model, probes, 1).flatMap(({ asked }) => asked.map(({ prob }) => prob));
    }),
  );
}

function expected(family: string): number[] {
  return readGolden(family).facts.flatMap(({ prompts }) =>
    prompts.flatMap(({ prob, newProb }) => [prob, newProb]),
  );
}

const renamed = (change: (name: string) => string) => ({
  tensors: (all: Tensor[]) => all.map((one) => ({ ...one, name: change(one.name) })),
});
const zeros = (name: string, shape: number[]) =>
  tensor(name, shape, new Float32Array(shape.reduce((product, n) => product * n, 1)));

/** The same values under another name, in addition. */
const copied = (all: Tensor[], name: string, copy: string) =>
  all.filter((one) => one.name === name).map((one) => ({ ...one, name: copy }));

/** Fields for which the library has the value that the golden checkpoints have, too. */
const DEFAULTS = {
  layer_norm_eps: 1e-12,
  layer_norm_epsilon: 1e-5,
  type_vocab_size: 2,
  hidden_act: 'gelu',
  activation: 'gelu',
  activation_function: 'gelu_new',
  scale_attn_weights: true,
  tie_word_embeddings: true,
};

function withoutDefaults(config: Record<string, unknown>): Record<string, unknown> {
  const defaults: Record<string, unknown> = DEFAULTS;
  return Object.fromEntries(Object.entries(config).filter(([field, value]) => defaults[field] !== value));
}

const publishedHead = (name: string) =>
  name.replace(/^cls\.predictions\.(transform\.)?/, 'lm_predictions.lm_head.');

const CASES: [family: string, spelling: string, rewriting: Rewriting][] = [
  [
    'bert',
    'gamma and beta',
    renamed((name) =>
      name.replace(/(LayerNorm)\.weight$/, '$1.gamma').replace(/(LayerNorm)\.bias$/, '$1.beta'),
    ),
  ],
  ['bert', 'no prefix', renamed((name) => name.replace(/^bert\./, ''))],
  ['distilbert', 'no prefix', renamed((name) => name.replace(/^distilbert\./, ''))],
  ['roberta', 'no prefix', renamed((name) => name.replace(/^roberta\./, ''))],
  ['gpt2', 'no prefix', renamed((name) => name.replace(/^transformer\./, ''))],
  [
    'bert',
    'bias with its decoder',
    renamed((name) => name.replace('predictions.bias', 'predictions.decoder.bias')),
  ],
  [
    'bert',
    'bias with its decoder, and another one',
    {
      tensors: (all) => [
        ...all.filter(({ name }) => name !== 'cls.predictions.bias'),
        ...copied(all, 'cls.predictions.bias', 'cls.predictions.decoder.bias'),
        zeros('cls.predictions.bias', [330]),
      ],
    },
  ],
  [
    'roberta',
    'bias with its decoder',
    renamed((name) => name.replace('lm_head.bias', 'lm_head.decoder.bias')),
  ],
  [
    'bert',
    'pooler, next sentence, position numbers and a tied copy of the decoder',
    {
      tensors: (all) => [
        { name: 'bert.embeddings.position_ids', shape: [1, 64], dtype: 'I64', bytes: Buffer.alloc(512) },
        ...all,
        zeros('bert.pooler.dense.weight', [32, 32]),
        zeros('bert.pooler.dense.bias', [32]),
        zeros('cls.seq_relationship.weight', [2, 32]),
        ...copied(all, 'bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight'),
      ],
    },
  ],
  [
    'gpt2',
    'stored masks and a tied copy of the head',
    {
      tensors: (all) => [
        ...all,
        {
          name: 'transformer.h.0.attn.bias',
          shape: [1, 1, 64, 64],
          dtype: 'BOOL',
          bytes: Buffer.alloc(4096),
        },
        zeros('transformer.h.0.attn.masked_bias', []),
        ...copied(all, 'transformer.wte.weight', 'lm_head.weight'),
      ],
    },
  ],
  ['bert', 'a wrapper', renamed((name) => `module.${name}`)],
  [
    'distilbert',
    'a wrapper around the body alone',
    renamed((name) => `model.${name.replace(/^distilbert\./, '')}`),
  ],
  [
    'gpt2',
    'a wrapper in a wrapper, in shards',
    { ...renamed((name) => `_orig_mod.module.${name}`), shards: 2 },
  ],
  [
    'bert',
    'tied word embeddings under the name of the decoder',
    renamed((name) => name.replace('bert.embeddings.word_embeddings', 'cls.predictions.decoder')),
  ],
  [
    'gpt2',
    'tied word embeddings under the name of the head',
    renamed((name) => name.replace('transformer.wte', 'lm_head')),
  ],
  ...FAMILIES.map((family): [string, string, Rewriting] => [
    family,
    'no defaults',
    { config: withoutDefaults },
  ]),
  ['gpt-neo', 'shards', { shards: 3 }],
  ['bert', 'shards', { shards: 2 }],
  [
    'deberta-v2',
    'the head as it is called in published files of version 3, and their configuration',
    {
      ...renamed(publishedHead),
      config: (config) => ({ ...config, legacy: false, pos_att_type: 'p2c|c2p' }),
    },
  ],
  ['electra', 'no prefix', renamed((name) => name.replace(/^electra\./, ''))],
  ['albert', 'no prefix', renamed((name) => name.replace(/^albert\./, ''))],
  ['bert', 'no model_type', { config: ({ model_type, ...rest }) => rest }],
  ['gpt2', 'no architectures', { config: ({ architectures, ...rest }) => rest }],
];

describe('the same numbers from', () => {
  it.each(CASES)('%s: %s', (family, _, rewriting) => {
    const found = probabilities(family, rewritten(family, rewriting));
    expected(family).forEach((prob, i) => {
      expect(found[i]).toBeCloseTo(prob, 6);
    });
  });

  it.each(['F16', 'BF16'] as const)('%s as from the same values in F32', (dtype) => {
    const rounded = (one: Tensor) => {
      const bits = new Uint16Array(new Uint8Array(half(one, dtype).bytes).buffer);
      return tensor(one.name, one.shape, Array.from(bits, dtype === 'F16' ? fromHalf : fromBfloat16));
    };
    const found = probabilities(
      'roberta',
      rewritten('roberta', { tensors: (all) => all.map((one) => half(one, dtype)) }),
    );
    expect(found).toEqual(
      probabilities('roberta', rewritten('roberta', { tensors: (all) => all.map(rounded) })),
    );
    expect(found).not.toEqual(probabilities('roberta', goldenDirectory('roberta')));
  });
});

function fromHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function fromBfloat16(bits: number): number {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0] ?? 0;
}

it.each(['bert', 'roberta'])('a tokenizer configuration that names no special tokens, %s', (family) => {
  const directory = rewritten(family, {});
  writeFileSync(join(directory, 'tokenizer_config.json'), '{}');
  expect(probabilities(family, directory)).toEqual(probabilities(family, goldenDirectory(family)));
  withModel(goldenDirectory(family), ({ tokenizer: { unknown } }) => {
    expect(withModel(directory, ({ tokenizer }) => tokenizer.unknown)).toBe(unknown);
    expect(unknown).toBeDefined();
  });
});

describe('an output with embeddings of its own', () => {
  /** The rows of a matrix or vector in reverse. */
  const reversed = ({ shape: [rows = 0, width = 1], ...one }: Tensor, name: string) => {
    const values = valuesOf({ ...one, shape: [rows, width] });
    const turned = Array.from({ length: rows }, (_, i) => [
      ...values.subarray((rows - 1 - i) * width, (rows - i) * width),
    ]);
    return tensor(name, width === 1 ? [rows] : [rows, width], turned.flat());
  };
  const pick = (all: Tensor[], name: string) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(`no tensor ${name}`);
    return found;
  };

  it.each([
    [
      'bert',
      'bert.embeddings.word_embeddings.weight',
      'cls.predictions.decoder.weight',
      'cls.predictions.bias',
    ],
    ['roberta', 'roberta.embeddings.word_embeddings.weight', 'lm_head.decoder.weight', 'lm_head.bias'],
    [
      'distilbert',
      'distilbert.embeddings.word_embeddings.weight',
      'vocab_projector.weight',
      'vocab_projector.bias',
    ],
    ['gpt2', 'transformer.wte.weight', 'lm_head.weight', undefined],
  ])('%s: its rows make the logits, and are E', (family, words, decoder, bias) => {
    const directory = rewritten(family, {
      config: (config) => ({ ...config, tie_word_embeddings: false }),
      tensors: (all) => [
        ...all.map((one) => (one.name === bias ? reversed(one, bias) : one)),
        reversed(pick(all, words), decoder),
      ],
    });
    const last = (pick(readTensors(goldenDirectory(family)), words).shape[0] ?? 0) - 1;
    const tokens = [5, 100, 300];
    const found = probabilities(
      family,
      directory,
      tokens.map((id) => last - id),
    );
    probabilities(family, goldenDirectory(family), tokens).forEach((prob, i) => {
      expect(found[i]).toBeCloseTo(prob, 6);
    });
    const row = withModel(goldenDirectory(family), (model) => model.embedding([7]));
    expect(withModel(directory, (model) => model.embedding([last - 7]))).toEqual(row);
  });

  it.each([
    ['bert', 'bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight'],
    ['roberta', 'roberta.embeddings.word_embeddings.weight', 'lm_head.decoder.weight'],
    ['distilbert', 'distilbert.embeddings.word_embeddings.weight', 'vocab_projector.weight'],
    ['gpt2', 'transformer.wte.weight', 'lm_head.weight'],
    ['gpt-neo', 'transformer.wte.weight', 'lm_head.weight'],
  ])('%s: is used where the configuration ties it, and that is said', (family, words, decoder) => {
    const tensors = (all: Tensor[]) => [...all, reversed(pick(all, words), decoder)];
    const untied = rewritten(family, {
      config: (config) => ({ ...config, tie_word_embeddings: false }),
      tensors,
    });
    const directory = rewritten(family, { tensors });
    expect(probabilities(family, directory)).toEqual(probabilities(family, untied));
    expect(probabilities(family, directory)).not.toEqual(probabilities(family, goldenDirectory(family)));
    const notes = withModel(directory, ({ info }) => info.notes);
    expect(notes).toEqual([expect.stringContaining(`"${decoder}" differs from "${words}"`)]);
    expect(withModel(untied, ({ info }) => info.notes)).toEqual([]);
    expect(inspectCheckpoint(directory).notes).toEqual(notes);
  });

  it('must be there when the configuration says so', () => {
    const directory = rewritten('bert', { config: (config) => ({ ...config, tie_word_embeddings: false }) });
    expect(() => LanguageModel.load(directory)).toThrow(/"cls\.predictions\.decoder\.weight" is missing/);
  });
});

describe('shards', () => {
  it('are all part of the fingerprint', () => {
    const directory = rewritten('gpt2', { shards: 3 });
    const fingerprint = fingerprintsIn(directory).fingerprint;
    const path = join(directory, 'model-00002-of-00003.safetensors');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 2) ^ 1, bytes.length - 2);
    writeFileSync(path, bytes);
    expect(fingerprintsIn(directory).fingerprint).not.toBe(fingerprint);
  });

  it('that are missing are named, and so are tensors that none of them has', () => {
    const directory = rewritten('gpt2', {
      shards: 3,
      tensors: (all) => all.filter(({ name }) => !name.includes('h.2.mlp.c_fc.bias')),
    });
    expect(() => LanguageModel.load(directory)).toThrow(
      /model\.safetensors\.index\.json: tensor "transformer\.h\.2\.mlp\.c_fc\.bias" is missing/,
    );
    rmSync(join(directory, 'model-00002-of-00003.safetensors'));
    expect(() => LanguageModel.load(directory)).toThrow(/has no model-00002-of-00003\.safetensors/);
  });

  it('lie in the directory itself', () => {
    const directory = rewritten('gpt2', { shards: 2 });
    const path = join(directory, 'model.safetensors.index.json');
    writeFileSync(path, JSON.stringify({ weight_map: { 'transformer.wte.weight': '../../etc/passwd' } }));
    expect(() => LanguageModel.load(directory)).toThrow(/must name safetensors files of the same directory/);
  });
});

describe('what is not supported', () => {
  it.each([
    [
      'another family',
      { model_type: 'mamba' },
      /model_type "mamba" is not supported; supported: bert, .*, llama, /,
    ],
    [
      'another task',
      { architectures: ['BertForSequenceClassification'] },
      /"BertForSequenceClassification" is not supported; supported: BertForMaskedLM, /,
    ],
    [
      'neither named',
      { model_type: undefined, architectures: undefined },
      /architectures: is missing; supported: BertForMaskedLM/,
    ],
    [
      'another non-linearity',
      { hidden_act: 'mish' },
      /config\.json: hidden_act: must be one of gelu, gelu_new/,
    ],
    ['relative positions', { position_embedding_type: 'relative_key' }, /only "absolute" is supported/],
  ])('%s', (_, change, message) => {
    const directory = rewritten('bert', { config: (config) => ({ ...config, ...change }) });
    expect(() => LanguageModel.load(directory)).toThrow(message);
  });

  it.each([
    ['electra', { architectures: ['ElectraForPreTraining'] }, /"ElectraForPreTraining" is not supported/],
    ['albert', { inner_group_num: 2 }, /inner_group_num: only 1 is supported/],
    ['deberta-v2', { conv_kernel_size: 3 }, /conv_kernel_size: a convolution layer is not supported/],
    ['deberta-v2', { share_att_key: false }, /share_att_key: only true is supported/],
    ['deberta-v2', { pos_att_type: 'c2p|p2p' }, /pos_att_type\.1: only "c2p" and "p2c" are supported/],
    ['deberta-v2', { relative_attention: undefined }, /relative_attention: only true is supported/],
    ['deberta-v2', { embedding_size: 16 }, /embedding_size: only 32 is supported here/],
    ['modernbert', { num_attention_heads: 5 }, /hidden_size: is not a multiple of num_attention_heads/],
  ])('%s: %j', (family, change, message) => {
    const directory = rewritten(family, { config: (config) => ({ ...config, ...change }) });
    expect(() => LanguageModel.load(directory)).toThrow(message);
  });
});

it.each([...KINDS])('%s takes little more memory than its weights', (family) => {
  const weights = readTensors(goldenDirectory(family)).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const before = tf.memory().numBytes;
  withModel(goldenDirectory(family), () => {
    expect((tf.memory().numBytes - before) / weights).toBeLessThan(1.05);
  });
});

it('loading leaves nothing but the model, and disposing of it nothing at all', () => {
  const before = tf.memory().numTensors;
  for (const family of ['bert', 'roberta', 'gpt2', 'gpt-neo']) {
    withModel(goldenDirectory(family), () => {});
    expect(() => LanguageModel.load(rewritten(family, { tensors: (all) => all.slice(1) }))).toThrow(
      /is missing/,
    );
  }
  expect(tf.memory().numTensors).toBe(before);
});

it('a configuration that asks for fewer layers than there are is followed, and that is said', () => {
  const directory = rewritten('bert', { config: (config) => ({ ...config, num_hidden_layers: 1 }) });
  const { layers, notes } = withModel(directory, ({ info }) => info);
  expect(layers).toBe(1);
  expect(notes).toEqual(['config.json: asks for 1 of the layers; the weights have more, which are left out']);
});
