// What the command line says to model directories that it cannot load.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { copyModel, PROMPT, rewriteWeights, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;
const HEADER = 8;
const LLAMA_SMOL = new URL('../golden/llama-smol.gguf', import.meta.url).pathname;

/** Loading refuses it, and `model info` in the same words. */
async function expectRefused(model: string, says: string[]): Promise<void> {
  const run = await runCli(['probe', '--prompt', PROMPT, '--model', model]);
  expectFailure(run, BAD_INPUT, [model, ...says]);
  expect(await runCli(['model', 'info', model])).toEqual(run);
}

/** Changes fields of a model's config.json. */
function configure(model: string, fields: object): void {
  const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) as object;
  writeInput(model, 'config.json', { ...config, ...fields });
}

const POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 440449768
`;

/** Rewrites the JSON header of a safetensors file and leaves the tensors behind it as they are. */
function editHeader(bytes: Buffer, edit: (header: string) => string): Buffer {
  const length = Number(bytes.readBigUInt64LE());
  const header = edit(bytes.toString('utf8', HEADER, HEADER + length));
  const head = Buffer.alloc(HEADER);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([head, Buffer.from(header), bytes.subarray(HEADER + length)]);
}

interface TensorHeader {
  data_offsets: [number, number];
}

describe('a GGUF file', () => {
  test('that does not exist, or that a link does not lead to', async () => {
    const cwd = temporaryDirectory();
    symlinkSync('nowhere.gguf', join(cwd, 'link.gguf'));
    for (const model of ['none.gguf', 'link.gguf', join(cwd, 'none.gguf')]) {
      const run = await runCli(['probe', '--prompt', PROMPT, '--model', model], { cwd });
      expectFailure(run, BAD_INPUT, [`${model}: no such file; check --model`]);
    }
  });

  test('without a fact base, whose name is said', async () => {
    const cwd = temporaryDirectory();
    copyFileSync(LLAMA_SMOL, join(cwd, 'smol.gguf'));
    const run = await runCli(['suite', 'make', '--model', 'smol.gguf', '--out', 'suite.json'], { cwd });
    expectFailure(run, BAD_INPUT, ['no fact base (smol.facts.json)']);
  });
});

describe('a model directory', () => {
  test('that does not exist', async () => {
    await expectRefused(join(temporaryDirectory(), 'none'), ['no such model directory', '--model']);
  });

  test('that is a file', async () => {
    await expectRefused(writeInput(temporaryDirectory(), 'model', 'weights'), [
      'neither a model directory nor a GGUF file',
      '--model',
    ]);
  });

  test('that is a file of a directory', async () => {
    const model = copyModel();
    const config = join(model, 'config.json');
    await expectRefused(config, [`neither a model directory nor a GGUF file; give its directory: ${model}`]);
  });

  test('that holds a GGUF file alone, which is then named', async () => {
    const directory = temporaryDirectory();
    copyFileSync(LLAMA_SMOL, join(directory, 'smol.gguf'));
    await expectRefused(directory, ['config.json', join(directory, 'smol.gguf')]);
  });

  test('with weights that can run code alone', async () => {
    const model = copyModel();
    renameSync(join(model, 'model.safetensors'), join(model, 'pytorch_model.bin'));
    const run = await runCli(['probe', '--prompt', PROMPT, '--model', model]);
    const convert = `AutoModelForMaskedLM.from_pretrained('${model}').save_pretrained('${model}'`;
    expectFailure(run, BAD_INPUT, ['has no model.safetensors', 'pytorch_model.bin', convert]);
  });

  test('without model.safetensors, which model info can do without', async () => {
    const model = copyModel();
    rmSync(join(model, 'model.safetensors'));
    const probe = await runCli(['probe', '--prompt', PROMPT, '--model', model]);
    expectFailure(probe, BAD_INPUT, [model, 'model.safetensors']);
    const info = await runCli(['model', 'info', model]);
    expect(info).toMatchObject({ code: 0, stderr: '' });
    expect(info.stdout).toContain('weights: none here');
  });

  test('that is empty', async () => {
    await expectRefused(temporaryDirectory(), ['config.json', 'needs one']);
  });

  test.each(['config.json', 'tokenizer.json', 'tokenizer_config.json'])('without %s', async (name) => {
    const model = copyModel();
    rmSync(join(model, name));
    await expectRefused(model, [name]);
  });

  test('of a family that is not supported', async () => {
    const model = copyModel();
    writeInput(model, 'config.json', { model_type: 'xlnet' });
    await expectRefused(model, ['config.json', 'model_type', '"xlnet"', 'supported: bert']);
  });

  test('whose configuration is not JSON', async () => {
    const model = copyModel();
    writeInput(model, 'config.json', '{"model_type": "bert",');
    await expectRefused(model, ['config.json', 'not valid JSON']);
  });

  test('whose configuration has a text for a number', async () => {
    const model = copyModel();
    configure(model, { hidden_size: '128' });
    await expectRefused(model, ['config.json: hidden_size: ']);
  });

  test('whose configuration asks for other weights', async () => {
    const model = copyModel();
    writeInput(model, 'config.json', {
      model_type: 'bert',
      vocab_size: 1433,
      hidden_size: 64,
      num_hidden_layers: 4,
      num_attention_heads: 4,
      intermediate_size: 512,
      max_position_embeddings: 32,
      type_vocab_size: 2,
      hidden_act: 'gelu',
      layer_norm_eps: 1e-12,
    });
    await expectRefused(model, ['model.safetensors', 'tensor "', 'config.json asks for']);
  });

  test.each([
    [
      'layers',
      { num_hidden_layers: 10_000_000 },
      'config.json: asks for 10000000 layers; the weights have 4',
    ],
    ['token ids', { vocab_size: 10_000_000 }, 'config.json asks for [10000000,128]'],
    ['neurons', { intermediate_size: 10_000_000 }, 'config.json asks for [10000000,128]'],
    ['positions', { max_position_embeddings: 10_000_000 }, 'config.json asks for [10000000,128]'],
    ['token types', { type_vocab_size: 10_000_000 }, 'config.json asks for [10000000,128]'],
    ['dimensions', { hidden_size: 10_000_000 }, 'config.json asks for ['],
    ['heads', { num_attention_heads: 10_000_000 }, 'config.json: hidden_size: '],
    ['layers beyond all bounds', { num_hidden_layers: 1e9 }, 'config.json: num_hidden_layers: '],
  ])('that claims ten million %s', async (_, fields, says) => {
    const model = copyModel();
    configure(model, fields);
    await expectRefused(model, [says]);
  });

  test.each(['model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'config.json'])(
    "with Git LFS's pointer in place of %s",
    async (name) => {
      const model = copyModel();
      writeInput(model, name, POINTER);
      await expectRefused(model, [`${name}: is a Git LFS pointer`, 'git lfs pull']);
    },
  );

  test.each(['model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'config.json', 'facts.json'])(
    'with a FIFO in place of %s',
    async (name) => {
      const model = copyModel();
      rmSync(join(model, name));
      execFileSync('mkfifo', [join(model, name)]);
      const run = await runCli(['probe', '--prompt', PROMPT, '--model', model]);
      expectFailure(run, BAD_INPUT, [`${name}: cannot be read: it is not a regular file`]);
    },
  );

  test('with an endless device in place of its configuration', async () => {
    const model = copyModel();
    rmSync(join(model, 'config.json'));
    symlinkSync('/dev/zero', join(model, 'config.json'));
    await expectRefused(model, ['config.json: cannot be read: it is not a regular file']);
  });
});

describe('a tokenizer', () => {
  const tokenizer = (change: object) => {
    const model = copyModel();
    const path = join(model, 'tokenizer.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeInput(model, 'tokenizer.json', { ...json, ...change });
    return model;
  };

  test('of an unknown kind', async () => {
    await expectRefused(tokenizer({ model: { type: 'Nonsense' } }), ['tokenizer.json: ']);
  });

  test('with a regular expression that never ends', async () => {
    const pattern = { Regex: '(a+)+$' };
    const model = tokenizer({ normalizer: { type: 'Replace', pattern, content: '' } });
    const run = await runCli(['probe', '--prompt', `${'a'.repeat(60)}! [MASK]`, '--model', model]);
    expectFailure(run, BAD_INPUT, ['the tokenizer of copy takes too long']);
  });
});

describe('a weight file', () => {
  test.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('with %s in it', async (_, value) => {
    const model = copyModel();
    rewriteWeights(model, (bytes) => {
      bytes.writeFloatLE(value, bytes.length - 4);
      return bytes;
    });
    const run = await runCli(['check', '--model', model]);
    const says = ['model.safetensors: tensor "', `" holds values that are not finite: ${value} at [`];
    expect(run).toMatchObject({ code: BAD_INPUT, stdout: '' });
    for (const part of says) expect(run.stderr).toContain(part);
    for (const command of ['probe', 'attribute']) {
      const args = [command, '--prompt', PROMPT, '--target', 'Almaty', '--model', model];
      expect(await runCli(args)).toEqual(run);
    }
    expect(await runCli(['model', 'info', model])).toEqual(run);
  });

  test.each([
    ['cut in the middle', 2_000_000, 'truncated'],
    ['without its last byte', -1, 'truncated'],
    ['cut in the header', 100, 'truncated'],
    ['of four bytes', 4, 'too few for a header'],
    ['that is empty', 0, 'too few for a header'],
  ])('%s', async (_, size, says) => {
    const model = copyModel();
    rewriteWeights(model, (bytes) => bytes.subarray(0, size < 0 ? bytes.length + size : size));
    await expectRefused(model, ['model.safetensors', says]);
  });

  test('with overlapping tensors', async () => {
    const model = copyModel();
    rewriteWeights(model, (bytes) =>
      editHeader(bytes, (header) => {
        const tensors = JSON.parse(header) as Record<string, TensorHeader>;
        const { __metadata__: _, ...rest } = tensors;
        const inOrder = Object.values(rest).sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
        const [, second] = inOrder;
        if (second) second.data_offsets = [second.data_offsets[0] - 4, second.data_offsets[1] - 4];
        return JSON.stringify(tensors);
      }),
    );
    await expectRefused(model, ['model.safetensors', 'overlaps']);
  });

  test('whose header is not JSON', async () => {
    const model = copyModel();
    rewriteWeights(model, (bytes) => editHeader(bytes, (header) => header.replace('{', '[')));
    await expectRefused(model, ['model.safetensors', 'header is not JSON']);
  });

  test('without a tensor that the model needs', async () => {
    const model = copyModel();
    rewriteWeights(model, (bytes) =>
      editHeader(bytes, (header) => header.replace('"bert.embeddings.word_embeddings.weight"', '"other"')),
    );
    await expectRefused(model, ['model.safetensors', 'bert.embeddings.word_embeddings.weight', 'missing']);
  });
});
