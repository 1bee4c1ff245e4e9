// A GGUF file as the base: edited, and written as a GGUF file in which only the edited matrices are others, or as a directory.
import { copyFileSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EditFile, Session } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { GgufFile } from '../../src/lm/gguf/file.js';
import { editSchema } from '../../src/spec/edit-file.js';
import { expectSameAnswers } from '../support/answers.js';
import { gguf, text, u32, valuesIn, writeGguf } from '../support/gguf.js';
import { BLOCK_TYPES } from '../support/gguf-blocks.js';
import { converted } from '../support/gguf-golden.js';
import { quantized } from '../support/gguf-quantized.js';
import { goldenDirectory } from '../support/golden.js';
import { quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const LLAMA_SMOL = new URL('../golden/llama-smol.gguf', import.meta.url).pathname;
const PROMPT = 'The capital of France is';
const EDITED = [
  [0, 3],
  [2, 40],
] as const;

function scaled(factor: number, change: object = {}): EditFile {
  return editSchema.parse({
    name: 'scaled',
    fact: { subject: 'France', relation: 'capital', object: 'Paris', prompts: [PROMPT] },
    neurons: EDITED,
    operation: { type: 'scale', factor },
    ...change,
  });
}

const ask = (session: Session) => session.probe(PROMPT, 'Paris', 5);

/** Edits a base and exports it. @returns what the edited session answers, and what the export told */
async function exported(base: string, target: string, factor: number) {
  return withSession(base, async (session) => {
    await session.apply(scaled(factor), quick);
    const told = await session.export(target);
    return { edited: await ask(session), told };
  });
}

/** Bytes of every tensor by its name in the file, and those of all metadata. */
function contents(path: string): { metadata: Buffer; tensors: Map<string, { type: string; bytes: Buffer }> } {
  const bytes = readFileSync(path);
  const file = GgufFile.open(path);
  file.close();
  const { tensors, descriptions } = file.container;
  return {
    metadata: bytes.subarray(0, descriptions),
    tensors: new Map(
      tensors.map(({ name, start, bytes: size, type }) => [
        name,
        { type: type.name, bytes: bytes.subarray(start, start + size) },
      ]),
    ),
  };
}

const MATRICES = ['blk.0.ffn_down.weight', 'blk.2.ffn_down.weight'];

describe('a GGUF file of F32', () => {
  it('becomes one in which the edited vectors alone are others, and that answers as the edited session', async () => {
    const target = join(temporaryDirectory(), 'louder.gguf');
    const { edited, told } = await exported(LLAMA_SMOL, target, 3);
    expect(told).toMatchObject({
      directory: target,
      files: ['louder.kn-edit.json', 'louder.gguf'], // the model when all that belongs to it is there
      vectors: 2,
      rounding: null,
      widened: [],
      retyped: [],
    });
    expect(readdirSync(dirname(target)).sort()).toEqual([...told.files].sort());
    const [before, after] = [readFileSync(LLAMA_SMOL), readFileSync(target)];
    expect(after.length).toBe(before.length);
    const [old, now] = [valuesIn(LLAMA_SMOL), valuesIn(target)];
    const touched: string[] = [];
    for (const [name, values] of old) {
      values.forEach((value, i) => {
        if (now.get(name)?.[i] !== value) touched.push(`${name} ${i % 80}`);
      });
    }
    const columns = EDITED.map(([layer, neuron]) => `model.layers.${layer}.mlp.down_proj.weight ${neuron}`);
    expect(new Set(touched)).toEqual(new Set(columns));
    expectSameAnswers(await withSession(target, ask), edited);
    expect(await withSession(LLAMA_SMOL, ask)).not.toEqual(edited);
  });

  it('becomes a directory of Hugging Face that answers as the edited session', async () => {
    const target = join(temporaryDirectory(), 'louder');
    const { edited, told } = await exported(LLAMA_SMOL, target, 3);
    const names = [
      'kn-edit.json',
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors',
    ];
    expect(told).toMatchObject({ files: names, rounding: null, retyped: [] });
    expectSameAnswers(await withSession(target, ask), edited);
    const config = JSON.parse(readFileSync(join(target, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ model_type: 'llama', tie_word_embeddings: true, rms_norm_eps: 1e-5 });
  });

  it('becomes a directory that has what a chat needs', async () => {
    const { metadata, tensors } = converted('llama-smol');
    const template = "{% for message in messages %}{{ message['content'] }}{% endfor %}";
    const ids = Object.fromEntries(
      ['bos', 'eos', 'eot'].map((name, i) => [`tokenizer.ggml.${name}_token_id`, u32(i + 1)]),
    );
    const base = writeGguf(gguf({ ...metadata, ...ids, 'tokenizer.chat_template': text(template) }, tensors));
    const target = join(temporaryDirectory(), 'chat');
    await withSession(base, (session) => session.export(target));
    const json = (name: string) => JSON.parse(readFileSync(join(target, name), 'utf8')) as object;
    expect(json('tokenizer_config.json')).toMatchObject({ chat_template: template });
    expect(json('config.json')).toMatchObject({ bos_token_id: 1, eos_token_id: 2 });
    expect(json('generation_config.json')).toMatchObject({ bos_token_id: 1, eos_token_id: [2, 3] });
  });

  it('takes a patch of its own without a note', async () => {
    const file = join(temporaryDirectory(), 'patch.safetensors');
    await withSession(LLAMA_SMOL, async (session) => {
      const { editId } = await session.apply(scaled(3), quick);
      await session.exportPatch([editId ?? 0], file);
    });
    await withSession(LLAMA_SMOL, async (session) => {
      const notes: string[] = [];
      const { status } = await session.applyPatch(file, {}, { onNote: (note) => notes.push(note) });
      expect(status).toBe('applied');
      expect(notes).toEqual([]);
    });
  });

  it('has its fact base beside it, and so has what is written; edits for the base fit that', async () => {
    const directory = temporaryDirectory();
    const base = join(directory, 'tiny.gguf');
    copyFileSync(LLAMA_SMOL, base);
    const facts = {
      capital: {
        templates: ['The capital of [X] is [Y]', '[X] has the capital [Y]'],
        facts: [
          { subject: 'France', object: 'Paris' },
          { subject: 'Italy', object: 'Rome' },
        ],
      },
    };
    writeFileSync(join(directory, 'tiny.facts.json'), JSON.stringify(facts));
    const target = join(directory, 'louder.gguf');
    await withSession(base, async (session) => {
      await session.apply(scaled(3, { model: 'tiny' }), quick);
      expect(session.facts).toHaveLength(2);
      await session.export(target);
    });
    await withSession(target, async (session) => {
      await session.apply(scaled(0.5, { model: 'tiny' }), quick);
      expect(session.facts).toHaveLength(2);
    });
    symlinkSync(base, join(directory, 'link.gguf'));
    await withSession(join(directory, 'link.gguf'), async (session) => {
      await ask(session);
      expect(session.facts).toHaveLength(2);
    });
    rmSync(join(directory, 'link.gguf'));
    expect(readdirSync(directory).sort()).toEqual(
      ['louder.facts.json', 'louder.gguf', 'louder.kn-edit.json', 'tiny.facts.json', 'tiny.gguf'].sort(),
    );
  });

  it('is not written over another file, nor beside one that would be its own', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'there.gguf'), '');
    writeFileSync(join(directory, 'louder.kn-edit.json'), '');
    await withSession(LLAMA_SMOL, async (session) => {
      await expect(session.export(join(directory, 'there.gguf'))).rejects.toThrow(
        'there.gguf: exists already',
      );
      await expect(session.export(join(directory, 'louder.gguf'))).rejects.toThrow(
        'louder.kn-edit.json: exists already',
      );
    });
    expect(readdirSync(directory)).toHaveLength(2);
  });
});

describe.each(BLOCK_TYPES)('a GGUF file of %s', (type) => {
  const { blocks, metadata } = quantized(type);
  const write = () => writeGguf(gguf(metadata, blocks));

  it('becomes one in which the edited matrices alone are others, in F16', async () => {
    const base = write();
    const target = join(temporaryDirectory(), 'louder.gguf');
    const { edited, told } = await exported(base, target, 3);
    const retyped = [0, 2].map((layer) => ({
      tensor: `blk.${layer}.ffn_down.weight`,
      from: type,
      to: 'F16',
    }));
    expect(told).toMatchObject({ vectors: 2, retyped, rounding: { dtypes: ['F16'] } });
    expect(told.rounding?.relativeError).toBeLessThan(2 ** -10);
    const [before, after] = [contents(base), contents(target)];
    expect(after.metadata.equals(before.metadata)).toBe(true);
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
    for (const [name, one] of after.tensors) {
      const own = before.tensors.get(name);
      if (MATRICES.includes(name)) expect(one.type).toBe('F16');
      else expect(one).toEqual(own);
    }
    const found = await withSession(target, ask);
    found.top.forEach(({ id, prob }, i) => {
      const other = edited.top[i];
      expect(id).toBe(other?.id);
      expect(Math.abs(prob / (other?.prob ?? 0) - 1)).toBeLessThan(1e-2);
    });
    const change = Math.abs((found.target?.prob ?? 0) - (edited.target?.prob ?? 0));
    expect(change).toBeCloseTo(told.rounding?.largestChange ?? Number.NaN, 6);
  });
});

it('a matrix that F16 cannot hold becomes F32, without loss', async () => {
  const { blocks, metadata } = quantized('Q8_0');
  const target = join(temporaryDirectory(), 'louder.gguf');
  const { edited, told } = await exported(writeGguf(gguf(metadata, blocks)), target, 1e6);
  expect(told.retyped.map(({ to }) => to)).toEqual(['F32', 'F32']);
  expect(told.rounding).toBeNull();
  expectSameAnswers(await withSession(target, ask), edited);
});

it('a directory of a base with blocks holds the values that they stand for', async () => {
  const { blocks, metadata } = quantized('Q4_K');
  const target = join(temporaryDirectory(), 'louder');
  const { edited, told } = await exported(writeGguf(gguf(metadata, blocks)), target, 3);
  expect(told).toMatchObject({ rounding: null, widened: [], retyped: [] });
  expectSameAnswers(await withSession(target, ask), edited);
});

it('rotary factors that no other tool can be told of are written to a GGUF file alone', async () => {
  const { metadata, tensors } = converted('llama-tied'); // made for fewer tokens than the published models
  const target = join(temporaryDirectory(), 'louder');
  await withSession(writeGguf(gguf(metadata, tensors)), async (session) => {
    await session.apply(scaled(3), quick);
    const fault = 'tensor "rope_freqs.weight": config.json has no words for these factors';
    await expect(session.export(target)).rejects.toThrow(fault);
    await session.export(`${target}.gguf`);
  });
  expect(readdirSync(dirname(target))).toEqual(['louder.gguf', 'louder.kn-edit.json']);
});

it('of a directory no GGUF file is written', async () => {
  await withSession(goldenDirectory('llama-smol'), async (session) => {
    const refused = session.export(join(temporaryDirectory(), 'model.gguf'));
    await expect(refused).rejects.toThrow(/model.gguf: a GGUF file is written only of a base that is one; /);
  });
});
