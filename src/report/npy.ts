// Arrays as files that NumPy reads: the .npy format, version 1.0 (numpy/lib/format.py).

/** Its beginning, up to the length of the head. */
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
/** What the head is filled up to a multiple of. */
const ALIGNED = 64;

/**
 * The bytes of an array of float32.
 * @param data its rows, one after the other; as many values as the shape holds
 */
export function npy(data: Float32Array, shape: readonly number[]): Buffer {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const before = MAGIC.length + 2;
  const length = Math.ceil((before + head.length + 1) / ALIGNED) * ALIGNED - before;
  const start = Buffer.alloc(before + length, ' ');
  MAGIC.copy(start);
  start.writeUInt16LE(length, MAGIC.length);
  start.write(head, before, 'latin1');
  start.write('\n', before + length - 1, 'latin1');
  const values = Buffer.alloc(4 * data.length);
  data.forEach((value, i) => {
    values.writeFloatLE(value, 4 * i);
  });
  return Buffer.concat([start, values]);
}
