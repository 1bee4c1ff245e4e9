// Panels of matrices in the order in which a tile reads them.

/**
 * A [rows, depth] to [depth, rows].
 * @param row bytes from one row to the next, and `step` from one number of a row to the next
 */
export function packRows(a: usize, row: usize, step: usize, rows: usize, depth: usize, to: usize): void {
  for (let i: usize = 0; i < rows; i++, a += row) {
    let from = a;
    let place = to + (i << 2);
    for (let d: usize = 0; d < depth; d++, from += step, place += rows << 2)
      store<f32>(place, load<f32>(from));
  }
}

/**
 * B [depth, width] to panels [depth, 8]; what is missing of the last one is 0.
 * @param row bytes from one row to the next
 * @param panel bytes from one panel to the next
 */
export function packColumns(b: usize, row: usize, depth: usize, width: usize, to: usize, panel: usize): void {
  const whole = width & ~7;
  for (let d: usize = 0; d < depth; d++, b += row, to += 32) {
    let place = to;
    let from = b;
    for (let j: usize = 0; j < whole; j += 8, from += 32, place += panel) {
      v128.store(place, v128.load(from));
      v128.store(place, v128.load(from, 16), 16);
    }
    if (whole === width) continue;
    v128.store(place, f32x4.splat(0));
    v128.store(place, f32x4.splat(0), 16);
    for (let j = whole; j < width; j++, from += 4, place += 4) store<f32>(place, load<f32>(from));
  }
}
