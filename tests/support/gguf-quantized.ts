// Models whose value matrices lie in GGUF's blocks, with the same model in plain numbers.
import { seeded } from '../../src/random.js';
import { f32Tensor, type GgufTensor, type Metadata, u32 } from './gguf.js';
import { drawBlocks } from './gguf-blocks.js';
import { converted } from './gguf-golden.js';

/** Width of the FFN in `quantized`: whole blocks of every type. */
const WIDE = 256;

/**
 * A llama whose value matrices are of a type with blocks: golden/llama with an FFN of 256 neurons.
 * @returns also the same model with the values that the blocks stand for, in F32
 */
export function quantized(type: string): { blocks: GgufTensor[]; plain: GgufTensor[]; metadata: Metadata } {
  const { metadata, tensors } = converted('llama');
  const hidden = 32;
  const draw = (name: string, shape: number[], seed: number) => {
    const random = seeded(seed);
    return f32Tensor(
      name,
      shape,
      Float32Array.from({ length: WIDE * hidden }, () => random() - 0.5),
    );
  };
  const [blocks, plain] = [true, false].map((inBlocks) =>
    tensors.map((one, i): GgufTensor => {
      if (/ffn_(gate|up)/.test(one.name)) return draw(one.name, [WIDE, hidden], i);
      if (!one.name.includes('ffn_down')) return one;
      const { values } = drawBlocks(type, 1, 1);
      const drawn = drawBlocks(type, (WIDE * hidden) / values.length, i);
      if (!inBlocks) return f32Tensor(one.name, [hidden, WIDE], drawn.values);
      return { name: one.name, ne: [WIDE, hidden], type: drawn.type, bytes: drawn.bytes };
    }),
  ) as [GgufTensor[], GgufTensor[]];
  return { blocks, plain, metadata: { ...metadata, 'llama.feed_forward_length': u32(WIDE) } };
}
