// A copy of a GGUF file in which some tensors are of another type, or hold other values: metadata, names and all other
// tensors are the same bytes; where tensors lie changes with their sizes.
import type { PlainType } from '../plain-types.js';
import { typeNamed } from '../stored-types.js';
import { aligned } from './container.js';
import type { GgufFile } from './file.js';

/** What takes the place of a tensor's bytes. */
export interface Replacement {
  dtype: PlainType;
  bytes: number;
  pieces(): Iterable<Uint8Array>;
}

/**
 * The bytes of the copy, piece by piece.
 * @param replacements by where the tensor lies in the original
 */
export function* copyWith(
  source: GgufFile,
  replacements: ReadonlyMap<number, Replacement>,
): Generator<Uint8Array> {
  const { tensors, descriptions, alignment } = source.container;
  const inOrder = tensors.toSorted((a, b) => a.start - b.start);
  const offsets = new Map<number, number>();
  let end = 0;
  for (const { start, bytes } of inOrder) {
    const offset = aligned(end, alignment);
    offsets.set(start, offset);
    end = offset + (replacements.get(start)?.bytes ?? bytes);
  }
  yield* source.range(0, descriptions);
  let written = descriptions;
  for (const { start, type, described } of tensors) {
    const dtype = replacements.get(start)?.dtype;
    yield* source.range(described.start, described.bytes);
    const { number } = dtype ? typeNamed(dtype) : type;
    yield typeAndOffset(number, offsets.get(start) ?? 0);
    written += described.bytes + TYPE_AND_OFFSET_BYTES;
  }
  const data = aligned(written, alignment);
  for (const { start, bytes } of inOrder) {
    const place = data + (offsets.get(start) ?? 0);
    yield Buffer.alloc(place - written);
    const replacement = replacements.get(start);
    yield* replacement ? replacement.pieces() : source.range(start, bytes);
    written = place + (replacement?.bytes ?? bytes);
  }
  if (source.endsAligned) yield Buffer.alloc(aligned(written, alignment) - written);
}

const TYPE_AND_OFFSET_BYTES = 12;

function typeAndOffset(type: number, offset: number): Buffer {
  const bytes = Buffer.alloc(TYPE_AND_OFFSET_BYTES);
  bytes.writeUInt32LE(type);
  bytes.writeBigUInt64LE(BigInt(offset), 4);
  return bytes;
}
