// GGUF files that are refused, each with one line that says why: every way in which a head can lie, and models that are not read.
import { describe, expect, it } from 'vitest';
import { inspectThoroughly } from '../../src/lm/inspect.js';
import {
  array,
  f32,
  f32Tensor,
  type GgufTensor,
  gguf,
  type Metadata,
  MINIMAL,
  text,
  u32,
  u64,
  valuesIn,
  writeGguf,
} from '../support/gguf.js';
import { converted } from '../support/gguf-golden.js';

describe('a file is refused', () => {
  const tensor = (fields: Partial<GgufTensor> = {}): GgufTensor => ({
    ...f32Tensor('blk.0.ffn_up.weight', [2, 8], new Float32Array(16)),
    ...fields,
  });
  const sound = gguf(MINIMAL, [tensor()]);
  /** Bytes with a number put at a place behind the first occurrence of a text. */
  const patched = (after: string, offset: number, bytes: Buffer) => {
    const copy = Buffer.from(sound);
    bytes.copy(copy, copy.indexOf(after) + after.length + offset);
    return copy;
  };
  const name = 'blk.0.ffn_up.weight';

  it('unless it is sound', () => expect(valuesIn(writeGguf(sound)).size).toBe(1));

  it.each<[string, Buffer, RegExp]>([
    ['empty', Buffer.alloc(0), /neither a model directory nor a GGUF file/],
    ['something else', Buffer.from('PK\u0003\u0004 an archive'), /neither a model directory nor a GGUF file/],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/],
    ['of version 1', patched('GGUF', 0, u32(1).bytes), /its version is 1/],
    ['big-endian', patched('GGUF', 0, Buffer.from([0, 0, 0, 3])), /big-endian/],
    [
      'with more tensors than bytes',
      patched('GGUF', 4, u64(2n ** 40n)),
      /number of tensors.*exceeds the file/,
    ],
    ['with more keys than bytes', patched('GGUF', 12, u64(2n ** 63n)), /number of keys/],
    ['with a text beyond its end', patched('GGUF', 20, u64(2n ** 32n)), /bytes of a text.*exceeds the file/],
    ['of too many dimensions', patched(name, 0, u32(5).bytes), /has 5 dimensions/],
    ['of no size', patched(name, 4, u64(0)), /is \[2,0\], which is nothing/],
    ['of a gigantic size', patched(name, 4, u64(2n ** 50n)), /more than any file holds|truncated/],
    [
      'of a size beyond numbers',
      patched(name, 4, u64(2n ** 60n)),
      /a dimension of .* is 1152921504606846976/,
    ],
    ['of an unknown type', patched(name, 20, u32(99).bytes), /is of type 99, which is not read/],
    ['of a type that is not read', patched(name, 20, u32(23).bytes), /is IQ4_XS, which is not read.*Q4_K/],
    ['of a broken row', patched(name, 20, u32(8).bytes), /rows of 8, not a multiple of 32, as Q8_0/],
    ['not aligned', patched(name, 24, u64(4)), /not aligned to 32 bytes/],
    ['with a gap', patched(name, 24, u64(64)), /there is a gap before/],
    ['truncated', sound.subarray(0, sound.length - 1), /it is truncated/],
    ['with bytes behind', Buffer.concat([sound, Buffer.alloc(64)]), /64 bytes after the last tensor/],
    [
      'with a tensor twice',
      gguf(MINIMAL, [tensor(), tensor()]),
      /has the tensor "blk.0.ffn_up.weight" twice/,
    ],
    [
      'with tensors that overlap',
      (() => {
        const both = gguf(MINIMAL, [tensor(), tensor({ name: 'blk.1.ffn_up.weight' })]);
        u64(32).copy(both, both.indexOf('blk.1.ffn_up.weight') + 19 + 24);
        return both;
      })(),
      /overlaps the one before it/,
    ],
    [
      'with a key twice',
      (() => {
        const twice = gguf({ ...MINIMAL, 'llama.attention.head_couns': u32(2) }, [tensor()]);
        twice.write('t', twice.indexOf('head_couns') + 9);
        return twice;
      })(),
      /has the key "llama.attention.head_count" twice/,
    ],
    [
      'with an array of arrays',
      gguf({ ...MINIMAL, deep: array([array([u32(1)])]) }, [tensor()]),
      /"deep" is an array of arrays/,
    ],
    [
      'with a value of no type',
      gguf({ ...MINIMAL, odd: { type: 77, bytes: u32(1).bytes } }, []),
      /"odd" is of type 77/,
    ],
    ['with odd alignment', gguf({ ...MINIMAL, 'general.alignment': u32(33) }, []), /general.alignment is 33/],
    [
      'that is a part',
      gguf({ ...MINIMAL, 'split.count': u32(3) }, []),
      /one of 3 parts.*llama-gguf-split --merge/,
    ],
    [
      'of an architecture that is not read',
      gguf({ 'general.architecture': text('mamba') }, []),
      /general.architecture: "mamba" is not supported; supported: llama, /,
    ],
    ['of no architecture', gguf({}, []), /general.architecture: is missing/],
    [
      'whose heads are a text',
      gguf({ ...MINIMAL, 'llama.attention.head_count': text('2') }, []),
      /llama.attention.head_count: is not a number/,
    ],
    [
      'whose layers differ',
      gguf({ ...MINIMAL, 'llama.attention.head_count': array([u32(2), u32(4)]) }, []),
      /head_count: differs from layer to layer/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => valuesIn(writeGguf(bytes))).toThrow(message);
  });

  const { metadata, tensors } = converted('llama-smol');
  it.each<[string, Metadata, RegExp]>([
    ['a mixture of experts', { 'llama.expert_count': u32(8) }, /llama.expert_count: a mixture of experts/],
    [
      'a size that is missing',
      { 'llama.block_count': f32(0.5) },
      /llama.block_count: is 0.5, not a positive whole/,
    ],
    ['heads of which parts rotate', { 'llama.rope.dimension_count': u32(6) }, /rope.dimension_count: is 6/],
    [
      'an unknown rotary scaling',
      { 'llama.rope.scaling.type': text('yarn') },
      /: llama.rope.scaling.type: "yarn" is not supported/,
    ],
    ['more layers than there are', { 'llama.block_count': u32(5) }, /asks for 5 layers; the weights have 3/],
    [
      'another width',
      { 'llama.feed_forward_length': u32(81) },
      /tensor "blk.0.ffn_gate.weight" is \[80,36\]; its metadata asks for \[81,36\]/,
    ],
    [
      'heads that do not share those of keys',
      { 'llama.attention.head_count_kv': u32(2) },
      /llama.attention.head_count: is not a multiple of llama.attention.head_count_kv/,
    ],
    [
      'an epsilon of nothing',
      { 'llama.attention.layer_norm_rms_epsilon': f32(0) },
      /llama.attention.layer_norm_rms_epsilon: must be above 0/,
    ],
    [
      'an unknown tokenizer',
      { 'tokenizer.ggml.model': text('t5') },
      /ggml.model: "t5" is not supported.*gpt2, llama/,
    ],
    [
      'an unknown pre-tokenizer',
      { 'tokenizer.ggml.pre': text('bloom') },
      /ggml.pre: "bloom" is not supported.*qwen2/,
    ],
    [
      'a token twice',
      { 'tokenizer.ggml.tokens': array(Array.from({ length: 420 }, (_, i) => text(`t${i % 419}`))) },
      /tokens: "t0" comes twice/,
    ],
    ['too few types', { 'tokenizer.ggml.token_type': array([u32(1)]) }, /token_type: has 1 of 420 tokens/],
    ['a token that there is not', { 'tokenizer.ggml.bos_token_id': u32(420) }, /bos_token_id: is 420/],
    [
      'fewer tokens than rows of embeddings',
      {
        'tokenizer.ggml.tokens': array(Array.from({ length: 330 }, (_, i) => text(`t${i}`))),
        'tokenizer.ggml.token_type': array(Array.from({ length: 330 }, () => u32(1))),
      },
      /tokenizer.ggml.tokens: has 330; token_embd.weight has 420 rows/,
    ],
    [
      'a merge of one word',
      { 'tokenizer.ggml.merges': array([text('ab')]) },
      /tokenizer.ggml.merges.0: "ab" is not two tokens that make a third/,
    ],
    [
      'a merge of tokens that there are not',
      { 'tokenizer.ggml.merges': array([text('Ġ t'), text('a qqq')]) },
      /merges.1: "a qqq" is not two tokens that make a third: there is no "qqq"/,
    ],
    [
      'a merge that makes no token',
      { 'tokenizer.ggml.merges': array([text('! 0')]) },
      /merges.0: "! 0" is not two tokens that make a third: there is no "!0"/,
    ],
    [
      'a flag that is a number',
      { 'tokenizer.ggml.add_bos_token': u32(1) },
      /add_bos_token: is not true or false/,
    ],
    [
      'scores that are missing',
      { 'tokenizer.ggml.model': text('llama') },
      /tokenizer.ggml.scores: is missing/,
    ],
  ])('for %s', async (_, changed, message) => {
    const path = writeGguf(gguf({ ...metadata, ...changed }, tensors));
    await expect(inspectThoroughly(path)).rejects.toThrow(message);
  });

  it('for rotary frequencies that are scaled twice', async () => {
    const { metadata, tensors } = converted('llama-tied');
    const scaling = { 'llama.rope.scaling.type': text('linear'), 'llama.rope.scaling.factor': f32(2) };
    const path = writeGguf(gguf({ ...metadata, ...scaling }, tensors));
    await expect(inspectThoroughly(path)).rejects.toThrow(
      /llama.rope.scaling.type: is linear by 2; tensor "rope_freqs.weight" scales rotary frequencies, too/,
    );
  });

  it('without a tensor, which is called as in the file', async () => {
    const lacks = tensors.filter(({ name }) => name !== 'blk.1.ffn_up.weight');
    await expect(inspectThoroughly(writeGguf(gguf(metadata, lacks)))).rejects.toThrow(
      /tensor "blk.1.ffn_up.weight" is missing; there are \d+ others, as "token_embd.weight"/,
    );
  });

  it('for heads that do not share the width', async () => {
    const { 'llama.attention.key_length': _, ...without } = metadata;
    const path = writeGguf(gguf({ ...without, 'llama.attention.head_count': u32(5) }, tensors));
    await expect(inspectThoroughly(path)).rejects.toThrow(
      /llama.attention.head_count: is 5; 36 is not a multiple of it/,
    );
  });

  it('without embeddings', async () => {
    const path = writeGguf(
      gguf(
        metadata,
        tensors.filter(({ name }) => name !== 'token_embd.weight'),
      ),
    );
    await expect(inspectThoroughly(path)).rejects.toThrow('tensor "token_embd.weight" is missing');
  });

  it('for more rotary factors than frequencies', async () => {
    const factors = f32Tensor('rope_freqs.weight', [32], new Float32Array(32).fill(2));
    const path = writeGguf(gguf(metadata, [...tensors, factors]));
    await expect(inspectThoroughly(path)).rejects.toThrow(
      /llama.rope.dimension_count: is \d+; tensor "rope_freqs.weight" has 32 factors, not half as many/,
    );
  });
});
