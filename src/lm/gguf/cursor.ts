// The start of a GGUF file, read value by value: no more of it than is asked for, and nothing beyond its end.
import { readExactly } from '../weight-file.js';

/** A longer head is not read: the largest vocabularies take a tenth of it. */
const MAX_HEAD_BYTES = 100_000_000;
const FIRST_BYTES = 1 << 20;

export class Cursor {
  /** Where the next value is read. */
  position = 0;
  private bytes = Buffer.alloc(0);
  private readonly end: number;

  /** @param bad makes the error for what is wrong */
  constructor(
    private readonly path: string,
    private readonly fd: number,
    size: number,
    private readonly bad: (what: string) => Error,
  ) {
    this.end = Math.min(size, MAX_HEAD_BYTES);
  }

  /** How many bytes may follow. */
  get rest(): number {
    return this.end - this.position;
  }

  /** The next bytes, and goes behind them. @throws when there are not so many */
  take(count: number): Buffer {
    const start = this.position;
    if (count > this.rest) throw this.bad(`its head ends early, at byte ${this.end}; is it truncated?`);
    this.position += count;
    if (this.position > this.bytes.length) this.fetch();
    return this.bytes.subarray(start, this.position);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** @throws when it is beyond what a count, a length or an offset can be */
  u64(what: string): number {
    const value = this.take(8).readBigUInt64LE();
    if (value > Number.MAX_SAFE_INTEGER) throw this.bad(`${what} is ${value}`);
    return Number(value);
  }

  /** How many items follow. @param least bytes that each takes at the least */
  count(what: string, least: number): number {
    const count = this.u64(`the number of ${what}`);
    if (count * least <= this.rest) return count;
    throw this.bad(`the number of ${what} (${count}) exceeds the file; is it truncated?`);
  }

  /** The bytes of a text: its length, and so many bytes. */
  text(): Buffer {
    return this.take(this.count('bytes of a text', 1));
  }

  /** The bytes of so many texts, one behind the other, each with its length. */
  texts(count: number): Buffer {
    const start = this.position;
    for (let i = 0; i < count; i++) {
      const length = this.take(8);
      const [low, high] = [length.readUInt32LE(0), length.readUInt32LE(4)];
      this.skip(high * 2 ** 32 + low);
    }
    return this.bytes.subarray(start, this.position);
  }

  private skip(count: number): void {
    if (count > this.rest) throw this.bad(`a text of ${count} bytes exceeds the file; is it truncated?`);
    this.position += count;
    if (this.position > this.bytes.length) this.fetch();
  }

  private fetch(): void {
    const grown = Buffer.alloc(
      Math.min(this.end, Math.max(this.position, 2 * this.bytes.length, FIRST_BYTES)),
    );
    this.bytes.copy(grown);
    readExactly(this.path, this.fd, grown.subarray(this.bytes.length), this.bytes.length);
    this.bytes = grown;
  }
}
