// Writing checkpoints and tensors: a safetensors file from scratch, and a copy of a checkpoint with some value
// vectors changed. Everything is written under a temporary name, synced, and renamed: it is there whole or not at all.
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import type { NeuronId, Overlay } from './overlay.js';
import type { Layout, ValueMatrix } from './parts.js';
import { SafetensorsFile, type TensorEntry } from './safetensors.js';

/** A float32 tensor on its way into a file. */
export interface OutTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

/**
 * Writes a safetensors file of float32 tensors.
 * @throws InputError when the path exists or cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly OutTensor[],
  metadata: Record<string, string>,
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  await writeWhole(path, Buffer.concat([length, padded, ...data]));
}

/** Writes a file that is there whole or not at all, and that was not there before. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another place`);
  }
}

/**
 * Changes value vectors in a copy of a checkpoint's weights, in the files' own dtype; every other byte stays.
 * @param directory of the copy
 * @param matrices where each layer's value vectors lie
 */
export async function patchWeights(
  directory: string,
  overlay: Overlay,
  matrices: readonly ValueMatrix[],
): Promise<void> {
  const width = overlay.values.length / Math.max(1, overlay.neurons.length);
  for (const layer of new Set(overlay.neurons.map(([at]) => at))) {
    const matrix = matrices[layer];
    if (!matrix) throw new RangeError(`no layer ${layer}`);
    const { file: name, tensor, layout } = matrix;
    const path = join(directory, name);
    const source = SafetensorsFile.open(path);
    source.close();
    const entry = source.tensors.get(tensor);
    if (!entry) throw new InputError(`${path}: tensor "${tensor}" is missing`);
    const file = await open(path, 'r+');
    try {
      const bytes = Buffer.alloc(entry.bytes);
      await file.read(bytes, 0, bytes.length, entry.start);
      overlay.neurons.forEach((at: NeuronId, row) => {
        if (at[0] !== layer) return;
        setVector(bytes, entry, layout, at[1], overlay.values.subarray(row * width, (row + 1) * width));
      });
      await file.write(bytes, 0, bytes.length, entry.start);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function setVector(
  bytes: Buffer,
  { dtype, shape }: TensorEntry,
  layout: Layout,
  neuron: number,
  values: Float32Array,
): void {
  const [, columns = 1] = shape;
  values.forEach((value, h) => {
    const i = layout === 'out-in' ? h * columns + neuron : neuron * columns + h;
    if (dtype === 'F32') bytes.writeFloatLE(value, 4 * i);
    else if (dtype === 'BF16') bytes.writeUInt16LE(toBfloat16(value), 2 * i);
    else bytes.writeUInt16LE(toHalf(value), 2 * i);
  });
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest bfloat16; ties go to the even one. */
export function toBfloat16(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The nearest IEEE 754 binary16; ties go to the even one, what is too large becomes infinity. */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24); // subnormal: units of 2^-24
  const exponent = ((word >>> 23) & 0xff) - 127;
  const fraction = roundEven((magnitude / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + fraction);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
