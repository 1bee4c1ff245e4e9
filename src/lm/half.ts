// Numbers of 16 bits: IEEE 754 binary16 (F16) and bfloat16 (BF16), the upper half of a float32.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest bfloat16; ties go to the even one, what is too large becomes infinity. */
export function toBfloat16(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
}

export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return float[0] ?? 0;
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

/** IEEE 754 binary16 to a number; subnormals, infinities and NaN included. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Every number of 16 bits, by its bits [65536]. */
let all: Float32Array | undefined;

/** IEEE 754 binary16 to numbers, by their bits: for those who read many. */
export function halves(): Float32Array {
  all ??= Float32Array.from({ length: 1 << 16 }, (_, half) => fromHalf(half));
  return all;
}

/** The numbers that bytes of a file are, in IEEE 754 binary16 (little endian). */
export function fromHalves(bytes: Buffer): Float32Array {
  const table = halves();
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    values[i] = table[(bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)] ?? 0;
  }
  return values;
}

/** The numbers that bytes of a file are, in bfloat16 (little endian). */
export function fromBfloat16s(bytes: Buffer): Float32Array {
  const words = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < words.length; i++) {
    words[i] = ((bytes[2 * i] ?? 0) << 16) | ((bytes[2 * i + 1] ?? 0) << 24);
  }
  return new Float32Array(words.buffer);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
