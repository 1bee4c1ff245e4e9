// A file of tensors, whatever its format: read tensor by tensor, and hashed on the way.
import type { Hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import { allFinite } from '../numbers.js';

/** Where one tensor lies in a file. */
export interface TensorEntry {
  /** As Hugging Face names it. */
  name: string;
  /** The type, as its format calls it. */
  dtype: string;
  shape: number[];
  /** Offset of the first byte, from the start of the file. */
  start: number;
  bytes: number;
}

/** What a safetensors file says of a tensor, and the bytes that it holds of it. */
export interface PortableTensor {
  dtype: string;
  bytes: number;
  /** @throws InputError as `WeightFile.read` */
  pieces(): Iterable<Uint8Array>;
}

const CHUNK_BYTES = 1 << 22;

/** An open file. Close it when done. */
export abstract class WeightFile<Entry extends TensorEntry = TensorEntry> {
  protected constructor(
    readonly path: string,
    private readonly fd: number,
    /** Bytes. */
    readonly size: number,
    /** By name, in the order in which they lie in the file. */
    readonly tensors: ReadonlyMap<string, Entry>,
  ) {}

  /**
   * The values of a tensor, from its bytes.
   * @throws InputError when they are of a type that is no weights'
   */
  protected abstract convert(entry: Entry, bytes: Buffer): Float32Array;

  /** A tensor as a safetensors file can hold it without loss; undefined for one that no model of Hugging Face's has. */
  abstract portable(entry: Entry): PortableTensor | undefined;

  /** What the file calls a tensor. @param name as Hugging Face names it */
  ownName(name: string): string {
    return name;
  }

  close(): void {
    closeSync(this.fd);
  }

  /**
   * One pass over the file, in file order: hands each tensor that `wants` names to `visit` as float32 and feeds
   * every byte to `hash`. At most one tensor is in memory at a time.
   * @throws InputError when a wanted tensor is no weights', a value of it is not finite, or the file ends early
   */
  readAll(
    wants: (entry: Entry) => boolean,
    visit: (entry: Entry, values: Float32Array) => void,
    hash?: Hash,
  ): void {
    let hashed = 0;
    const hashUpTo = (end: number) => {
      if (hash) for (const piece of this.range(hashed, end - hashed)) hash.update(piece);
      hashed = end;
    };
    for (const entry of this.tensors.values()) {
      if (!wants(entry)) continue;
      hashUpTo(entry.start);
      const bytes = this.bytes(entry);
      hash?.update(bytes);
      hashed += entry.bytes;
      visit(entry, this.finite(entry, bytes));
    }
    hashUpTo(this.size);
  }

  /** The values of one tensor. @throws InputError as `readAll` */
  read(entry: Entry): Float32Array {
    return this.finite(entry, this.bytes(entry));
  }

  /** The bytes of a tensor as they lie in the file. */
  bytes(entry: Entry): Buffer {
    let bytes: Buffer;
    try {
      bytes = Buffer.from(new ArrayBuffer(entry.bytes)); // its own buffer: 4-byte aligned for Float32Array
    } catch {
      throw this.tooLarge(entry);
    }
    readExactly(this.path, this.fd, bytes, entry.start);
    return bytes;
  }

  /** The same, piece by piece. */
  pieces(entry: Entry): Generator<Buffer> {
    return this.range(entry.start, entry.bytes);
  }

  /** Bytes of the file, piece by piece. */
  *range(start: number, bytes: number): Generator<Buffer> {
    for (let done = 0; done < bytes; done += CHUNK_BYTES) {
      const piece = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes - done));
      readExactly(this.path, this.fd, piece, start + done);
      yield piece;
    }
  }

  private tooLarge({ name, bytes }: Entry): InputError {
    return new InputError(
      `${this.path}: tensor "${this.ownName(name)}" has ${bytes} bytes, too many for the memory`,
    );
  }

  private finite(entry: Entry, bytes: Buffer): Float32Array {
    let values: Float32Array;
    try {
      values = this.convert(entry, bytes);
    } catch (error) {
      throw error instanceof RangeError ? this.tooLarge(entry) : error; // there is no buffer of that size
    }
    checkFinite(this.path, { ...entry, name: this.ownName(entry.name) }, values);
    return values;
  }
}

/** Fills a buffer from a place in a file. @throws InputError when the file ends before that */
export function readExactly(path: string, fd: number, target: Buffer, position: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(fd, target, done, target.length - done, position + done);
    if (count === 0) throw new InputError(`${path}: ends early; download or copy it again`);
    done += count;
  }
}

/** @throws InputError that names the first value that is not finite */
function checkFinite(path: string, { name, shape }: TensorEntry, values: Float32Array): void {
  if (allFinite(values)) return;
  const first = values.findIndex((value) => !Number.isFinite(value));
  const at = shape
    .toReversed()
    .reduce<{ rest: number; place: number[] }>(
      ({ rest, place }, size) => ({ rest: Math.floor(rest / size), place: [rest % size, ...place] }),
      { rest: first, place: [] },
    );
  throw new InputError(
    `${path}: tensor "${name}" holds values that are not finite: ${values[first]} at [${at.place}]; ` +
      'the file is damaged, or its training failed',
  );
}
