// Random checkpoints for measurements: that they are what their configuration says, and that the engine takes them.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { writeCheckpoint } from '../../src/bench/checkpoint.js';
import { SHAPES } from '../../src/bench/shapes.js';
import { readConfig } from '../../src/lm/config.js';
import { extentOf } from '../../src/lm/extent.js';
import { inspectCheckpoint } from '../../src/lm/inspect.js';
import { ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const KN_MINI = join(ROOT, 'fixtures/kn-mini');
const TINY = {
  ...SHAPES['qwen2.5-3b'],
  num_hidden_layers: 3,
  hidden_size: 64,
  intermediate_size: 96,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 2000,
};
/** Word embeddings; per layer Q and O, K and V, their biases, three matrices of the FFN, two norms; the last norm. */
const PARAMETERS = 2000 * 64 + 3 * (2 * 64 * 64 + 2 * 32 * 64 + (64 + 32 + 32) + 3 * 64 * 96 + 2 * 64) + 64;

it('writes BF16 in shards, of which the model is whole', async () => {
  const directory = join(temporaryDirectory(), 'tiny');
  writeCheckpoint(directory, TINY, KN_MINI, { dtype: 'BF16', shard: 100_000 });
  expect(readdirSync(directory).sort()).toEqual([
    'config.json',
    'model-00001-of-00004.safetensors',
    'model-00002-of-00004.safetensors',
    'model-00003-of-00004.safetensors',
    'model-00004-of-00004.safetensors',
    'model.safetensors.index.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const found = inspectCheckpoint(directory);
  expect(found).toMatchObject({ family: 'qwen2', dtype: 'BF16', parameters: PARAMETERS });
  expect(found.bytes).toBeGreaterThan(2 * PARAMETERS);
  expect(found.bytes).toBeLessThan(2 * PARAMETERS + 20_000); // the headers
  const session = new Session({ model: directory, engine: 'wasm', workers: 1, base: true });
  try {
    const { top } = await session.probe('The capital of Kazakhstan is');
    expect(top[0]?.prob).toBeGreaterThan(1 / 2000); // not flat
    expect(top[0]?.prob).toBeLessThan(0.5); // nor one token's
  } finally {
    await session.close();
  }
});

it('replaces no directory', () => {
  const directory = temporaryDirectory();
  writeCheckpoint(join(directory, 'one'), TINY, KN_MINI);
  expect(() => writeCheckpoint(join(directory, 'one'), TINY, KN_MINI)).toThrow(/one/);
});

it.each([
  ['SmolLM2-135M', SHAPES['smollm2-135m'], 134_515_008],
  ['Llama-3.2-1B', SHAPES['llama-3.2-1b'], 1_235_814_400],
  ['Qwen2.5-3B', SHAPES['qwen2.5-3b'], 3_085_938_688],
  ['Llama-2-7B', SHAPES['llama-2-7b'], 6_738_415_616],
])('knows the shape of %s', (_, config, published) => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  const { family, design } = readConfig(join(directory, 'config.json'));
  expect(extentOf(family, design).parameters).toBe(published);
});
