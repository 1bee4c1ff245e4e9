// GGUF files as checkpoints: the numbers of the golden checkpoints that they were made of, and every type of blocks by its
// definition.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { GgufFile } from '../../src/lm/gguf/file.js';
import { toBfloat16, toHalf } from '../../src/lm/half.js';
import { inspectThoroughly } from '../../src/lm/inspect.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { probe } from '../../src/probe/probe.js';
import { fingerprintsIn } from '../../src/session/stored-fingerprints.js';
import { readTensors, rewritten, valuesOf } from '../support/checkpoints.js';
import { array, f32, gguf, type Metadata, MINIMAL, text, u32, valuesIn, writeGguf } from '../support/gguf.js';
import { BLOCK_TYPES, drawBlocks } from '../support/gguf-blocks.js';
import { converted, ropeFactors } from '../support/gguf-golden.js';
import { quantized } from '../support/gguf-quantized.js';
import { goldenDirectory, ratioError, readGolden } from '../support/golden.js';

/** The checkpoint of golden/llama-smol as the converter of llama.cpp wrote it. */
const LLAMA_SMOL = new URL('../golden/llama-smol.gguf', import.meta.url).pathname;

/** Of probabilities, relative. */
const TOLERANCE = 5e-5;

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(ratioError(found[i], value)).toBeLessThan(tolerance);
  });
}

/** The probabilities of all answers on all prompts of a kind's facts. */
async function probabilities(kind: string, path: string): Promise<number[]> {
  await prepareEngine('wasm');
  const before = tf.memory().numTensors;
  const model = LanguageModel.load(path);
  const questions = readGolden(kind).facts.flatMap(({ prompts, label }) =>
    prompts.map(({ prompt }) => ({
      prompt: model.tokenizer.encodePrompt(prompt),
      ask: [model.tokenizer.encodeTarget({ id: label })],
    })),
  );
  const found = probe(model, questions, 1).map(({ asked }) => asked[0]?.prob ?? 0);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return found;
}

/** What a GGUF file cannot say of a golden checkpoint, as its configuration would have it. */
const UNSAID: Record<string, object> = {
  gemma2: { query_pre_attn_scalar: 12 }, // llama.cpp knows it by the size of the model
  gemma3: { query_pre_attn_scalar: 12 },
  mistral: { sliding_window: null },
  'qwen2-window': { use_sliding_window: false, layer_types: null },
};

const KINDS = [
  ...['llama', 'llama-tied', 'llama-smol', 'mistral', 'qwen2', 'qwen2-window', 'qwen3'],
  ...['gemma', 'gemma2', 'gemma3', 'phi3', 'gpt_neox', 'gpt_neox-seq'],
];

describe.each(KINDS)('%s', (kind) => {
  const { metadata, tensors } = converted(kind);
  const write = () => writeGguf(gguf(metadata, tensors));

  it('has the tensors of the checkpoint, in the order of their rows there', () => {
    const found = valuesIn(write());
    const gemma = kind.startsWith('gemma');
    for (const one of readTensors(goldenDirectory(kind))) {
      const values = found.get(one.name);
      if (!gemma || !one.name.endsWith('norm.weight')) expect(values).toEqual(valuesOf(one));
      else expect(values?.map((value) => value + 1)).toEqual(valuesOf(one).map((value) => value + 1));
    }
  });

  it('has the tokenizer of the checkpoint', async () => {
    await prepareEngine('wasm');
    const [own, other] = [write(), goldenDirectory(kind)].map((path) => LanguageModel.load(path));
    const { facts, tokenizer } = readGolden(kind);
    const leadingBlank = kind === 'mistral'; // llama.cpp puts a blank before a text that has one, too
    const texts = [
      ...facts.flatMap(({ prompts }) => prompts.map(({ prompt }) => prompt)),
      ...tokenizer.map(({ text }) => text).filter((text) => text.trim() !== ''),
    ];
    for (const one of texts) {
      if (leadingBlank && one.startsWith(' ')) continue;
      const expected = other?.tokenizer.encodePrompt(one);
      expect(own?.tokenizer.encodePrompt(one)).toEqual(expected);
    }
    for (const { object } of leadingBlank ? [] : facts) {
      expect(own?.tokenizer.encodeTarget(object)).toEqual(other?.tokenizer.encodeTarget(object));
    }
    for (let id = 0; id < (other?.info.vocabulary ?? 0); id++) {
      expect(own?.tokenizer.token(id)).toBe(other?.tokenizer.token(id));
    }
    own?.dispose();
    other?.dispose();
  });

  it('gives the probabilities of the checkpoint', async () => {
    const unsaid = UNSAID[kind];
    const found = await probabilities(kind, write());
    const expected = unsaid
      ? await probabilities(kind, rewritten(kind, { config: (config) => ({ ...config, ...unsaid }) }))
      : readGolden(kind).facts.flatMap(({ prompts }) => prompts.map(({ prob }) => prob));
    expectClose(found, expected, TOLERANCE);
  });
});

describe('a file of the converter of llama.cpp', () => {
  it('has the tensors of golden/llama-smol', () => {
    const found = valuesIn(LLAMA_SMOL);
    const expected = readTensors(goldenDirectory('llama-smol'));
    expect([...found.keys()].sort()).toEqual(expected.map(({ name }) => name).sort());
    for (const one of expected) expect(found.get(one.name)).toEqual(valuesOf(one));
  });

  it('gives its probabilities, its token ids, and its own SHA-256 as the fingerprint', async () => {
    const golden = readGolden('llama-smol');
    const found = await probabilities('llama-smol', LLAMA_SMOL);
    const expected = golden.facts.flatMap(({ prompts }) => prompts.map(({ prob }) => prob));
    expectClose(found, expected, TOLERANCE);
    const model = LanguageModel.load(LLAMA_SMOL);
    for (const { prompt, ids } of golden.facts.flatMap(({ prompts }) => prompts)) {
      expect(model.tokenizer.encodePrompt(prompt).ids).toEqual(ids);
    }
    const fingerprint = createHash('sha256').update(readFileSync(LLAMA_SMOL)).digest('hex');
    expect(model.info).toMatchObject({ name: 'llama-smol', family: 'llama' });
    expect(fingerprintsIn(LLAMA_SMOL)).toEqual({ fingerprint, formerFingerprint: fingerprint });
    model.dispose();
  });

  it('says what config.json says', () => {
    const file = GgufFile.open(LLAMA_SMOL);
    const config = file.config();
    file.close();
    const own = readFileSync(join(goldenDirectory('llama-smol'), 'config.hub.json'), 'utf8');
    const { initializer_range, pad_token_id, transformers_version, ...expected } = JSON.parse(
      own,
    ) as object & {
      [field: string]: unknown;
    };
    expect(config).toMatchObject(expected);
  });

  it('is described without loading it', async () => {
    expect(await inspectThoroughly(LLAMA_SMOL)).toMatchObject({
      family: 'llama',
      layers: 3,
      neurons: 80,
      hidden: 36,
      vocabulary: 420,
      maxLength: 64,
      dtype: 'F32',
      bytes: readFileSync(LLAMA_SMOL).length,
    });
  });
});

it.each([
  ['Llama 3.2', 8192, { rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4 }],
  ['another model', 4096, { rope_type: 'factors', factors: { length: 32 } }],
])('factors of rotary frequencies are those of %s', (_, original_max_position_embeddings, expected) => {
  const { metadata, tensors } = converted('llama-tied');
  const factors = ropeFactors({
    head_dim: 64,
    rope_theta: 500_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings,
    },
  });
  const others = tensors.filter(({ name }) => name !== 'rope_freqs.weight');
  const widths = ['attention.key_length', 'attention.value_length', 'rope.dimension_count'];
  const heads = Object.fromEntries(widths.map((key) => [`llama.${key}`, u32(64)]));
  const file = GgufFile.open(writeGguf(gguf({ ...metadata, ...heads }, [...others, ...factors])));
  expect(file.config().rope_scaling).toMatchObject(expected);
  file.close();
});

describe('what metadata leave out is as in llama.cpp', () => {
  /** What a golden checkpoint's file says without some keys, and with others. */
  const opened = (kind: string, without: RegExp, others: Metadata = {}) => {
    const { metadata, tensors } = converted(kind);
    const kept = Object.entries(metadata).filter(([key]) => !without.test(key));
    const file = GgufFile.open(writeGguf(gguf({ ...Object.fromEntries(kept), ...others }, tensors)));
    onTestFinished(() => file.close());
    return file;
  };

  it.each<[string, Metadata, object | null]>([
    ['rope.scaling.factor', { 'llama.rope.scaling.factor': f32(4) }, { rope_type: 'linear', factor: 4 }],
    ['rope.scale_linear', { 'llama.rope.scale_linear': f32(2) }, { rope_type: 'linear', factor: 2 }],
    [
      'a factor that is not to be used',
      { 'llama.rope.scaling.type': text('none'), 'llama.rope.scaling.factor': f32(4) },
      null,
    ],
  ])('rotary scaling by %s', (_, others, scaling) => {
    expect(opened('llama-smol', /scaling/, others).config().rope_scaling).toEqual(scaling);
  });

  it('the window of Gemma 2', () => {
    expect(opened('gemma2', /sliding_window/).config()).toMatchObject({ sliding_window: 4096 });
  });

  it('special tokens of SentencePiece', () => {
    const file = opened('llama', /(bos|eos|unknown)_token_id/);
    expect(file.config()).toMatchObject({ bos_token_id: 1, eos_token_id: 2 });
    const [unk_token, bos_token, eos_token] = file.metadata.texts('tokenizer.ggml.tokens') ?? [];
    expect(file.tokenizerConfig()).toMatchObject({ unk_token, bos_token, eos_token });
    expect(file.tokenizer().model).toMatchObject({ unk_token });
    const two = { 'tokenizer.ggml.tokens': array([text('a'), text('b')]) };
    const fault = 'tokenizer.ggml.eos_token_id: is 2; there are 2 tokens';
    expect(() => opened('llama', /(bos|eos|unknown)_token_id/, two).tokenizerConfig()).toThrow(fault);
  });
});

describe('types', () => {
  it.each(BLOCK_TYPES)('%s', (type) => {
    const rows = 4;
    const width = 512;
    const { values } = drawBlocks(type, 1, 1);
    const drawn = drawBlocks(type, (rows * width) / values.length, 7);
    const tensor = { name: 'blk.0.ffn_down.weight', ne: [width, rows], type: drawn.type, bytes: drawn.bytes };
    const found = valuesIn(writeGguf(gguf(MINIMAL, [tensor])));
    expect(found.get('model.layers.0.mlp.down_proj.weight')).toEqual(drawn.values);
  });

  it.each(BLOCK_TYPES)('a model of %s is the model of the values', async (type) => {
    const { blocks, plain, metadata } = quantized(type);
    const [found, expected] = [blocks, plain].map((tensors) => writeGguf(gguf(metadata, tensors)));
    expect(await probabilities('llama', found ?? '')).toEqual(await probabilities('llama', expected ?? ''));
  });

  it.each([
    ['F16', 1, (value: number) => toHalf(value)],
    ['BF16', 30, (value: number) => toBfloat16(value)],
  ])('%s', (_, type, encode) => {
    const values = [0, 1, -2.5, 0.15625, -65504 / 2, 2 ** -14, 2 ** -24, 96];
    const plain = type === 1 ? values : values.map((value) => (value === -32752 ? -32768 : value));
    const bytes = Buffer.from(Uint16Array.from(plain, encode).buffer);
    const found = valuesIn(writeGguf(gguf(MINIMAL, [{ name: 'output_norm.weight', ne: [8], type, bytes }])));
    expect([...(found.get('model.norm.weight') ?? [])]).toEqual(plain);
  });

  it('queries and keys of blocks are put in order by rows', () => {
    const drawn = drawBlocks('Q4_1', 16, 3);
    const tensor = { name: 'blk.0.attn_q.weight', ne: [64, 8], type: drawn.type, bytes: drawn.bytes };
    const found = valuesIn(writeGguf(gguf(MINIMAL, [tensor]))).get('model.layers.0.self_attn.q_proj.weight');
    const row = (i: number) => drawn.values.subarray(64 * i, 64 * (i + 1));
    // Two heads of four rows: pairs (0, 2) and (1, 3) of each lie side by side in the file.
    const expected = [0, 2, 1, 3, 4, 6, 5, 7].flatMap((i) => [...row(i)]);
    expect([...(found ?? [])]).toEqual(expected);
  });

  it('values that are not finite are refused', () => {
    const { type, bytes } = drawBlocks('Q8_0', 2, 1);
    bytes.writeUInt16LE(0x7c00, 34); // the second block's scale is infinite
    const path = writeGguf(gguf(MINIMAL, [{ name: 'blk.0.ffn_up.weight', ne: [32, 2], type, bytes }]));
    expect(() => valuesIn(path)).toThrow(/"blk.0.ffn_up.weight" holds values that are not finite/);
  });
});
