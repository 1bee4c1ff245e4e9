// Matrix products C += A B and C += A B^T. Every element of C is summed up in an order that depends on the depth alone:
// not on how many rows and columns there are, nor on how a caller divides them. So products by parts of a matrix equal
// the product by the whole.
import { multiplyFew } from './product-few';
import { packColumns, packRows } from './product-pack';
import { innerTile, outerTile } from './product-tiles';

/** Rows of a tile at most: as many as leave registers for the product that is not added at once, and for addresses. */
const OUTER_TILE: usize = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
const INNER_TILE: usize = 4;
/** The panels of B that are in use stay in the L2 cache: 256 rows of 256 columns, 256 KB. */
const DEPTH: usize = 256;
const WIDTH: usize = 256;
/** Bytes from one panel to the next: not a power of two, since its multiples would push each other out of the caches. */
const PANEL: usize = 32 * DEPTH + 64;
/** Of rows that are multiplied with each other, so much at a time: eight of them stay in the L1 cache, 64 in L2. */
const INNER_DEPTH: usize = 1024;
const INNER_ROWS: usize = 64;
/** A product of so many rows reads B without packing it. */
const FEW: usize = 3;

/** Bytes that `multiply` works with, beside its matrices. */
export function scratchBytes(): usize {
  return 4 * OUTER_TILE * INNER_DEPTH + 32 * OUTER_TILE + (WIDTH / 8) * PANEL;
}

/**
 * C [batches, m, n] += A B. Strides are numbers of values: `rowX` from one row of X, as it lies there, to the next;
 * `batchX` from one batch to the next.
 * @param a [batches, m, k], or [batches, k, m] where transposed
 * @param b [batches, k, n], or [batches, n, k] where transposed
 */
export function multiply(
  batches: i32,
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  batchA: usize,
  transposeA: bool,
  b: usize,
  rowB: usize,
  batchB: usize,
  transposeB: bool,
  c: usize,
  rowC: usize,
  batchC: usize,
  scratch: usize,
): void {
  const row: usize = transposeA ? 4 : rowA << 2;
  const step: usize = transposeA ? rowA << 2 : 4;
  for (let i = 0; i < batches; i++) {
    if (transposeB) inner(m, n, k, a, row, step, b, rowB << 2, c, rowC << 2, scratch);
    else outer(m, n, k, a, row, step, b, rowB << 2, c, rowC << 2, scratch);
    a += batchA << 2;
    b += batchB << 2;
    c += batchC << 2;
  }
}

/** C [m, n] += A [m, k] B [k, n]: sums of products of a column and a row. Strides are in bytes from here on. */
function outer(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
  scratch: usize,
): void {
  const edge = scratch + 4 * OUTER_TILE * DEPTH; // [R, 8] of C, where C ends within a tile
  const panels = edge + 32 * OUTER_TILE;
  let j: usize = 0;
  if (m <= FEW) {
    j = n & ~3;
    multiplyFew(m, j, k, a, rowA, stepA, b, rowB, c, rowC);
  }
  for (; j < n; j += WIDTH) {
    const width = min(WIDTH, n - j);
    for (let d: usize = 0; d < k; d += DEPTH) {
      const depth = min(DEPTH, k - d);
      packColumns(b + d * rowB + (j << 2), rowB, depth, width, panels, PANEL);
      for (let i: usize = 0, rows: usize = 0; i < m; i += rows) {
        rows = tileRows(m - i, OUTER_TILE);
        packRows(a + i * rowA + d * stepA, rowA, stepA, rows, depth, scratch);
        let place = c + i * rowC + (j << 2);
        let panel = panels;
        for (let at: usize = 0; at < width; at += 8, place += 32, panel += PANEL) {
          if (at + 8 <= width) {
            outerTile(rows, scratch, panel, depth, place, rowC);
          } else {
            const bytes = (width - at) << 2;
            for (let r: usize = 0; r < rows; r++) memory.copy(edge + 32 * r, place + r * rowC, bytes);
            outerTile(rows, scratch, panel, depth, edge, 32);
            for (let r: usize = 0; r < rows; r++) memory.copy(place + r * rowC, edge + 32 * r, bytes);
          }
        }
      }
    }
  }
}

/** C [m, n] += A [m, k] B^T, B [n, k]: products of a row and a row. */
function inner(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
  scratch: usize,
): void {
  for (let d: usize = 0; d < k; d += INNER_DEPTH) {
    const depth = min(INNER_DEPTH, k - d);
    for (let j: usize = 0; j < n; j += INNER_ROWS) {
      const width = min(INNER_ROWS, n - j);
      const y = b + j * rowB + (d << 2);
      for (let i: usize = 0, rows: usize = 0; i < m; i += rows) {
        rows = tileRows(m - i, INNER_TILE);
        let x = a + i * rowA + d * stepA;
        let rowX = rowA;
        if (stepA !== 4) {
          rowX = depth << 2;
          for (let r: usize = 0; r < rows; r++)
            packRows(x + r * rowA, rowA, stepA, 1, depth, scratch + r * rowX);
          x = scratch;
        }
        const place = c + i * rowC + (j << 2);
        if (rows > 2) innerStrip(rows, width, depth, x, rowX, y, rowB, place, rowC, 4);
        else innerStrip(width, rows, depth, y, rowB, x, rowX, place, 4, rowC); // the long side is the tile's
      }
    }
  }
}

/** C [m, n] += P [m, depth] Q^T, Q [n, depth]; from one row of C to the next, and from one column to the next, so many bytes. */
function innerStrip(
  m: usize,
  n: usize,
  depth: usize,
  p: usize,
  rowP: usize,
  q: usize,
  rowQ: usize,
  c: usize,
  rowC: usize,
  columnC: usize,
): void {
  const whole = depth & ~3;
  for (let i: usize = 0, rows: usize = 0; i < m; i += rows) {
    rows = tileRows(m - i, INNER_TILE);
    const x = p + i * rowP;
    for (let j: usize = 0; j < n; j += 2) {
      const y = q + j * rowQ;
      const left = c + i * rowC + j * columnC;
      const two = j + 1 < n;
      innerTile(rows, x, rowP, y, two ? y + rowQ : y, whole, left, two ? left + columnC : left, rowC);
    }
  }
  if (whole === depth) return;
  for (let i: usize = 0; i < m; i++) {
    for (let j: usize = 0; j < n; j++) {
      const place = c + i * rowC + j * columnC;
      let sum = load<f32>(place);
      for (let d = whole; d < depth; d++) {
        sum += load<f32>(p + i * rowP + (d << 2)) * load<f32>(q + j * rowQ + (d << 2));
      }
      store<f32>(place, sum);
    }
  }
}

/** Rows of the next tile of those that are left: tiles are as many as are needed, and nearly equal. */
function tileRows(left: usize, most: usize): usize {
  const tiles = (left + most - 1) / most;
  return (left + tiles - 1) / tiles;
}
