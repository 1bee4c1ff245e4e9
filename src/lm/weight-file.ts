// A file of tensors, whatever its format: read tensor by tensor.
import { closeSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import { allFinite } from '../numbers.js';
import { finiteIn, type StoredType } from './stored-types.js';

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
/** The system reads no more than 2 GB at once. */
const MOST_AT_ONCE = 1 << 30;

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

  /** How a tensor's values lie in its bytes. @throws InputError when they are of a type that is no weights' */
  protected abstract typeOf(entry: Entry): StoredType;

  /** Of a tensor whose rows are not in Hugging Face's order: the row of the file that each one is. */
  protected orderOf(_: Entry): ArrayLike<number> | undefined {
    return undefined;
  }

  /** What was added to every value of a tensor. */
  protected addedTo(_: Entry): number {
    return 0;
  }

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
   * The values of one tensor.
   * @param order the row of Hugging Face's tensor that each of its rows is to be
   * @throws InputError when it is no weights', a value of it is not finite, or the file ends early
   */
  read(entry: Entry, order?: ArrayLike<number>): Float32Array {
    try {
      const type = this.typeOf(entry);
      const values = type.decode(reordered(reordered(this.bytes(entry), this.orderOf(entry)), order));
      const added = this.addedTo(entry);
      if (added !== 0) for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) - added;
      if (!allFinite(values)) throw this.notFinite(entry, values);
      return values;
    } catch (error) {
      throw error instanceof RangeError ? this.tooLarge(entry) : error; // there is no buffer of that size
    }
  }

  /**
   * Reads a matrix as it is stored, in the order of rows that `read` would have. Nothing is written that does not stay: whoever
   * has read the same bytes to the same place before may be working with them.
   * @param target as many bytes as the tensor has
   * @param finite whether all its values are known to be finite
   * @throws InputError as `read`
   */
  readInto(target: Uint8Array, entry: Entry, order?: ArrayLike<number>, finite = false): void {
    const type = this.typeOf(entry);
    const orders = [this.orderOf(entry), order].filter((one) => one !== undefined);
    if (orders.length === 0) readExactly(this.path, this.fd, target, entry.start);
    else target.set(orders.reduce<Buffer>(reordered, this.bytes(entry)));
    if (!finite && !finiteIn(type, target)) this.read(entry, order); // which says where
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

  /** Names the first value that is not finite. */
  private notFinite({ name, shape }: Entry, values: Float32Array): InputError {
    const first = values.findIndex((value) => !Number.isFinite(value));
    const at = shape
      .toReversed()
      .reduce<{ rest: number; place: number[] }>(
        ({ rest, place }, size) => ({ rest: Math.floor(rest / size), place: [rest % size, ...place] }),
        { rest: first, place: [] },
      );
    return new InputError(
      `${this.path}: tensor "${this.ownName(name)}" holds values that are not finite: ${values[first]} at [${at.place}]; ` +
        'the file is damaged, or its training failed',
    );
  }
}

/** The bytes of a tensor with its rows in another order. @param order the present row that each one is to be */
export function reordered(bytes: Buffer, order: ArrayLike<number> | undefined): Buffer {
  if (!order) return bytes;
  const width = bytes.length / order.length;
  const rows = Buffer.from(new ArrayBuffer(bytes.length)); // its own buffer, as numbers of 4 bytes need it
  for (let to = 0; to < order.length; to++) {
    const from = order[to] ?? 0;
    bytes.copy(rows, to * width, from * width, (from + 1) * width);
  }
  return rows;
}

/** Fills a buffer from a place in a file. @throws InputError when the file ends before that */
export function readExactly(path: string, fd: number, target: Uint8Array, position: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(fd, target, done, Math.min(target.length - done, MOST_AT_ONCE), position + done);
    if (count === 0) throw new InputError(`${path}: ends early; download or copy it again`);
    done += count;
  }
}
