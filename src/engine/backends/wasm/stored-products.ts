// Products with stored matrices on the wasm backend: a panel at a time is copied into its memory and made float32 there.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  STORED_PRODUCT,
  type StoredMatrix,
  type StoredProduct,
  storedProductIn,
} from '../../../lm/stored-matrix.js';
import { typeNamed } from '../../../lm/stored-types.js';
import { codeOf } from './code.js';
import { memoryOf, workspace } from './memory.js';
import type { Matrices, Multiplier } from './multiplier.js';
import { beginProduct, viewOf } from './tensors.js';

/**
 * Our own code adds up so many rows, and so many columns, at once (DEPTH in assembly/product-outer.ts, and in
 * product-inner.ts). Where panels divide the sums they have a multiple of that: so the sums are those of the whole matrix.
 */
const ROWS = 96;
const COLUMNS = 1 << 11;
/** Values of a panel at most: it stays in the caches between the copy and the product. In whole rows, up to a width of 3072. */
const PANEL = ROWS * 3072;
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** Gives the wasm backend, which must be the current one, the kernel `STORED_PRODUCT`. */
export function registerStoredProducts(multiplier: Multiplier): void {
  const backend = tf.backend() as BackendWasm;
  if (tf.getKernel(STORED_PRODUCT, 'wasm')) tf.unregisterKernel(STORED_PRODUCT, 'wasm');
  tf.registerKernel({
    kernelName: STORED_PRODUCT,
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, bias }, attrs }) => {
      if (!x) throw new TypeError(`${STORED_PRODUCT} lacks x`);
      return product(multiplier, backend, storedProductIn(attrs), x, bias);
    },
  });
}

/** Rows and columns of a matrix, from `row` and `column` on. */
interface Part {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** y [R, O], part by part of the matrix. The parts are the same for all types, and so are the numbers. */
function product(
  multiplier: Multiplier,
  backend: BackendWasm,
  { transposed, ...matrix }: StoredProduct,
  x: tf.TensorInfo,
  bias: tf.TensorInfo | undefined,
): tf.TensorInfo {
  const [m = 0, inner = 0] = x.shape;
  const outer = transposed ? matrix.rows : matrix.columns;
  // Views come last: whatever takes memory may move it.
  const y = beginProduct(backend, [m, outer], bias);
  const panelOf = panelReader(backend, matrix, multiplier.readsAnywhere);
  const [from, to] = [viewOf(backend, x), viewOf(backend, y)];
  for (const part of partsOf(matrix, transposed)) {
    const [n, k] = transposed ? [part.rows, part.columns] : [part.columns, part.rows];
    const [column, depth] = transposed ? [part.row, part.column] : [part.column, part.row];
    multiplier.multiply({
      batches: 1,
      m,
      n,
      k,
      a: { values: from.subarray(depth), row: inner, batch: 0 },
      transposeA: false,
      b: panelOf(part),
      transposeB: transposed,
      c: { values: to.subarray(column), row: outer, batch: 0 },
    });
  }
  return y;
}

/** Whole rows as far as may be, since copies of long runs are faster. Columns begin with whole blocks. */
function* partsOf({ rows, columns }: StoredMatrix, transposed: boolean): Generator<Part> {
  const width = Math.min(columns, transposed ? 4 * COLUMNS : PANEL / ROWS);
  const most = Math.floor(PANEL / width);
  const height = transposed ? most : most - (most % ROWS);
  for (let row = 0; row < rows; row += height) {
    for (let column = 0; column < columns; column += width) {
      yield {
        row,
        column,
        rows: Math.min(height, rows - row),
        columns: Math.min(width, columns - column),
      };
    }
  }
}

/**
 * With few rows of x, the copy bounds the product: it takes as long as the product itself, or longer. `Buffer.fill` is
 * twice as fast as `TypedArray.set`, with which V8 copies shared memory word by word, whatever the type of the elements.
 * @returns what reads a part of the matrix into the memory of the backend, or finds it where it lies
 */
function panelReader(
  backend: BackendWasm,
  { bytes, dtype, stride }: StoredMatrix,
  anywhere: boolean,
): (part: Part) => Matrices {
  const type = typeNamed(dtype);
  const sizeOf = (values: number) => (values / type.values) * type.bytes;
  const plain = dtype === 'F32';
  if (plain && anywhere && bytes.byteOffset % FLOAT === 0) {
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / FLOAT);
    return ({ row, column }) => ({ values: values.subarray(row * stride + column), row: stride, batch: 0 });
  }

  const area = workspace(backend, 2 * FLOAT * PANEL);
  const stored = plain ? area : area + FLOAT * PANEL;
  const { expand } = codeOf(backend);
  const { buffer } = memoryOf(backend);
  return ({ row, column, rows, columns }) => {
    const target = Buffer.from(buffer, stored, sizeOf(rows * columns));
    const [start, step, size] = [sizeOf(row * stride + column), sizeOf(stride), sizeOf(columns)];
    const runs = step === size ? 1 : rows;
    const run = target.length / runs;
    for (let i = 0; i < runs; i++) {
      const from = start + i * step;
      target.fill(bytes.subarray(from, from + run), i * run, (i + 1) * run);
    }
    if (!plain) expand(type.number, stored, area, rows * columns);
    return { values: new Float32Array(buffer, area, rows * columns), row: columns, batch: 0 };
  };
}
