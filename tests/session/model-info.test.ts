// What is told of a model by its configuration alone: published ones, whose numbers of parameters are known.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, modelInfo } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/lm/config.js';
import { extentOf } from '../../src/lm/extent.js';
import { inspectCheckpoint } from '../../src/lm/inspect.js';
import { modelReport } from '../../src/report/models.js';
import { PLAIN } from '../../src/report/style.js';
import { readTensors } from '../support/checkpoints.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory, KINDS } from '../support/golden.js';
import { PUBLISHED } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

/** As their configurations say. */
const types = {
  'llama-3.2-1b': 'BF16',
  'qwen3-0.6b': 'BF16',
  'gemma-2-2b': 'F32',
  'pythia-410m': 'F16',
  'gpt-j-6b': 'F32',
} as const;

/** Elements of the matrices by which a block multiplies a row: queries, keys and values, output; gate, up, down. */
const blocks = {
  'llama-3.2-1b': 2048 * (2048 + 2 * 512) + 2048 * 2048 + 3 * 2048 * 8192,
  'qwen3-0.6b': 1024 * (2048 + 2 * 1024) + 2048 * 1024 + 3 * 1024 * 3072,
  'gemma-2-2b': 2304 * (2048 + 2 * 1024) + 2048 * 2304 + 3 * 2304 * 9216,
  'pythia-410m': 4 * 1024 * 1024 + 2 * 1024 * 4096,
  'gpt-j-6b': 4 * 4096 * 4096 + 2 * 4096 * 16_384,
};

/** What they make of it. */
const outputs = {
  'llama-3.2-1b': 2048 + 2 * 512 + 2048 + 2 * 8192 + 2048,
  'qwen3-0.6b': 2048 + 2 * 1024 + 1024 + 2 * 3072 + 1024,
  'gemma-2-2b': 2048 + 2 * 1024 + 2304 + 2 * 9216 + 2304,
  'pythia-410m': 3 * 1024 + 1024 + 4096 + 1024,
  'gpt-j-6b': 4 * 4096 + 16_384 + 4096,
};

describe.each([
  ['llama-3.2-1b', 'llama', 16, 8192, 2048, 128_256, 131_072, 1_235_814_400],
  ['qwen3-0.6b', 'qwen3', 28, 3072, 1024, 151_936, 40_960, 596_049_920],
  ['gemma-2-2b', 'gemma2', 26, 9216, 2304, 256_000, 8192, 2_614_341_888],
  ['pythia-410m', 'gpt_neox', 24, 4096, 1024, 50_304, 2048, 405_334_016],
  // 6,053,381,344 as published counts what each of eight shards keeps of norms and biases.
  ['gpt-j-6b', 'gptj', 28, 16_384, 4096, 50_400, 2048, 6_050_882_784],
] as const)('%s', (name, family, layers, neurons, hidden, vocabulary, maxLength, parameters) => {
  it('is described by its config.json', async () => {
    const info = await modelInfo(join(PUBLISHED, name), 'wasm');
    expect(info).toMatchObject({ family, layers, neurons, hidden, vocabulary, maxLength, parameters });
    expect(info).toMatchObject({ causal: true, weights: 'absent', dtype: types[name], notes: [] });
    const bytes = (types[name] === 'F32' ? 4 : 2) * parameters;
    expect(info.bytes).toBe(bytes);
    expect(info.extent).toEqual({
      parameters,
      block: blocks[name],
      outputs: outputs[name],
      head: vocabulary * hidden,
    });
    const { estimate } = info;
    expect(estimate.engine).toBe('wasm');
    expect(estimate.fits).toBe(estimate.workersThatFit > 0);
    expect(estimate.weightBytes).toBe(bytes);
    expect(estimate.memoryBytes).toBeGreaterThan(
      estimate.weightBytes + estimate.workers * estimate.workerBytes,
    );
    expect(estimate.locateSeconds).toBeGreaterThan(0);
  });
});

it.each(KINDS.filter((kind) => kind !== 'llama-tied'))(
  'the configuration says how many parameters there are: %s',
  (kind) => {
    const { parameters, extent } = inspectCheckpoint(goldenDirectory(kind));
    expect(extent.parameters).toBe(parameters);
  },
);

it('all of them but biases that most lack', () => {
  const directory = goldenDirectory('llama-tied');
  const { family, design } = readConfig(join(directory, 'config.json'));
  const held = readTensors(directory).filter(({ name }) => !/(_proj)\.bias$/.test(name));
  const elements = held.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  expect(extentOf(family, design).parameters).toBe(elements);
});

it('a machine that is too small is said in words', async () => {
  const info = await modelInfo(join(PUBLISHED, 'gpt-j-6b'), 'wasm');
  const text = (estimate: Partial<typeof info.estimate>) =>
    modelReport(
      { ...info, estimate: { ...info.estimate, ...estimate } },
      { width: Number.POSITIVE_INFINITY, style: PLAIN },
    );
  const large = { weightBytes: 24.2e9, workerBytes: 3e8 };
  expect(text({ ...large, availableBytes: 6.1e9, fits: false, workersThatFit: 0 })).toContain(
    'needs about 24.2 GB for the weights and 300 MB a worker; this machine has 6.1 GB available: it cannot be located here\n',
  );
  const enough = {
    fits: true,
    workersThatFit: 9,
    engine: 'tensorflow',
    locateSeconds: 600,
    workers: 1,
  } as const;
  expect(text({ ...large, ...enough, availableBytes: 64e9, memoryBytes: 25e9 })).toMatch(
    /takes about 25\.0 GB of memory and 10 min a fact .*\n that is about 24\.2 GB for the weights and 300 MB a worker of tensorflow, and the program itself; this machine has 64\.0 GB available: with a fifth of it left to others, enough for 9 workers\n/,
  );
  expect(text({})).toContain('\n 6.05 billion parameters; 50400 token ids, prompts of up to 2048 tokens\n');
  expect(text({})).toContain('\n weights: none here; sizes from config.json, in F32\n');
  expect(text({}).split('\n')).toHaveLength(5);
});

it('a configuration that is not supported is refused as ever', async () => {
  const directory = temporaryDirectory();
  writeInput(directory, 'config.json', { model_type: 'mamba' });
  await expect(modelInfo(directory)).rejects.toThrow(InputError);
  cpSync(join(PUBLISHED, 'llama-3.2-1b'), directory, { recursive: true });
  await expect(modelInfo(directory, 'wasm')).resolves.toMatchObject({ family: 'llama' });
});
