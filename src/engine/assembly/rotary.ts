// Rotary positions: pairs of a head's dimensions turn by the angle of their row.

/**
 * y is x, each pair turned: (a, b) to (a cos - b sin, b cos + a sin), or back.
 * @param x [rows, heads * depth], as is y
 * @param cosine [angles, depth], as is sine, dimension by dimension; rows have them in turns
 * @param pairs of a head; dimensions in none pass
 * @param step from the first dimension of a pair to that of the next one
 * @param gap from the first dimension of a pair to its second
 */
export function turn(
  x: usize,
  cosine: usize,
  sine: usize,
  back: bool,
  y: usize,
  rows: i32,
  angles: i32,
  heads: i32,
  depth: i32,
  pairs: i32,
  step: i32,
  gap: i32,
): void {
  const head = (<usize>depth) << 2;
  const apart = (<usize>gap) << 2;
  const sign: f32 = back ? -1 : 1;
  memory.copy(y, x, <usize>(rows * heads) * head);
  for (let row = 0; row < rows; row++) {
    const angle = <usize>(row % angles) * head;
    for (let a = 0; a < heads; a++, y += head) {
      for (let pair = 0; pair < pairs; pair++) {
        const first = (<usize>(pair * step)) << 2;
        const c = load<f32>(cosine + angle + first);
        const s = load<f32>(sine + angle + first) * sign;
        const at = y + first;
        const one = load<f32>(at);
        const other = load<f32>(at + apart);
        store<f32>(at, one * c - other * s);
        store<f32>(at + apart, other * c + one * s);
      }
    }
  }
}
