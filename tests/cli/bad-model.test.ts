// What the command line says to model directories that it cannot load.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { copyModel, PROMPT, rewriteWeights, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;
const HEADER = 8;

async function expectRefused(model: string, says: string[]): Promise<void> {
  const run = await runCli(['probe', '--prompt', PROMPT, '--model', model]);
  expectFailure(run, BAD_INPUT, [model, ...says]);
}

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

describe('a model directory', () => {
  test('that does not exist', async () => {
    await expectRefused(join(temporaryDirectory(), 'none'), ['no such model directory', '--model']);
  });

  test('that is a file', async () => {
    await expectRefused(writeInput(temporaryDirectory(), 'model', 'weights'), ['not a directory', '--model']);
  });

  test('that is empty', async () => {
    await expectRefused(temporaryDirectory(), ['config.json', 'needs one']);
  });

  test.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])(
    'without %s',
    async (name) => {
      const model = copyModel();
      rmSync(join(model, name));
      await expectRefused(model, [name]);
    },
  );

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
    const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) as object;
    writeInput(model, 'config.json', { ...config, hidden_size: '128' });
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
