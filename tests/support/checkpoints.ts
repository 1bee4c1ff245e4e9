// Checkpoints as they are met in the wild: a golden one, rewritten tensor by tensor.
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBfloat16, toHalf } from '../../src/lm/half.js';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { goldenDirectory } from './golden.js';
import { temporaryDirectory } from './temporary.js';

/** A tensor on its way into a rewritten checkpoint. */
export interface Tensor {
  name: string;
  shape: number[];
  dtype: 'F32' | 'F16' | 'BF16' | 'BOOL' | 'I64';
  bytes: Buffer;
}

/** The tensors of a checkpoint of one file, as they lie in it. */
export function readTensors(directory: string): Tensor[] {
  const path = join(directory, 'model.safetensors');
  const bytes = readFileSync(path);
  const file = SafetensorsFile.open(path);
  file.close();
  return [...file.tensors.values()].map(({ name, shape, dtype, start, bytes: size }) => {
    return { name, shape, dtype: dtype as Tensor['dtype'], bytes: bytes.subarray(start, start + size) };
  });
}

/** The values of an F32 tensor. */
export function valuesOf({ bytes }: Tensor): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

export function tensor(name: string, shape: number[], values: ArrayLike<number>): Tensor {
  return { name, shape, dtype: 'F32', bytes: Buffer.from(Float32Array.from(values).buffer) };
}

/** The same tensor in half precision. */
export function half(one: Tensor, dtype: 'F16' | 'BF16'): Tensor {
  const round = dtype === 'F16' ? toHalf : toBfloat16;
  return { ...one, dtype, bytes: Buffer.from(Uint16Array.from(valuesOf(one), round).buffer) };
}

export function writeTensors(path: string, tensors: readonly Tensor[]): void {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, shape, dtype, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, ...tensors.map(({ bytes }) => bytes)]));
}

/** A safetensors file of which no more than the header lies on the disk: all its values are zero. */
export function writeSparse(
  path: string,
  tensors: readonly Pick<Tensor, 'name' | 'dtype' | 'shape'>[],
): void {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    const start = end;
    end += shape.reduce((product, n) => product * n, dtype === 'F32' ? 4 : 2);
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text]));
  truncateSync(path, length.length + text.length + end);
}

/** How a golden checkpoint is rewritten. */
export interface Rewriting {
  tensors?: (tensors: Tensor[]) => Tensor[];
  config?: (config: Record<string, unknown>) => Record<string, unknown>;
  /** Number of files that the weights are spread over. */
  shards?: number;
}

/** A rewritten copy of a golden checkpoint. @returns its directory */
export function rewritten(family: string, { tensors = (all) => all, config, shards = 1 }: Rewriting): string {
  const directory = temporaryDirectory();
  cpSync(goldenDirectory(family), directory, { recursive: true });
  const all = tensors(readTensors(directory));
  if (shards === 1) writeTensors(join(directory, 'model.safetensors'), all);
  else {
    rmSync(join(directory, 'model.safetensors'));
    const shardOf = (index: number) => `model-0000${1 + (index % shards)}-of-0000${shards}.safetensors`;
    for (let shard = 0; shard < shards; shard++) {
      writeTensors(
        join(directory, shardOf(shard)),
        all.filter((_, index) => index % shards === shard),
      );
    }
    const weight_map = Object.fromEntries(all.map(({ name }, index) => [name, shardOf(index)]));
    writeFileSync(
      join(directory, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: {}, weight_map }),
    );
  }
  if (config) {
    const path = join(directory, 'config.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify(config(json)));
  }
  return directory;
}

/** A checkpoint with one matrix of that size, of which no more than the header lies on the disk. */
export function checkpointOf(bytes: number): string {
  const directory = temporaryDirectory();
  writeSparse(join(directory, 'model.safetensors'), [{ name: 'matrix', dtype: 'F32', shape: [bytes / 4] }]);
  return directory;
}
