// Layer normalisation and its gradient, row by row.

/**
 * unit = (x - mean) inverse, with inverse = 1 / sqrt(variance + epsilon); y = unit gamma + beta.
 * @param x [rows, width], as are y and unit; inverse [rows]; gamma and beta [width]
 */
export function layerNorm(
  x: usize,
  gamma: usize,
  beta: usize,
  epsilon: f32,
  y: usize,
  unit: usize,
  inverse: usize,
  rows: i32,
  width: i32,
): void {
  const bytes = (<usize>width) << 2;
  const whole = bytes & ~15;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes, unit += bytes, inverse += 4) {
    let at: usize = 0;
    let four = f32x4.splat(0);
    for (; at < whole; at += 16) four = f32x4.add(four, v128.load(x + at));
    let sum = total(four);
    for (; at < bytes; at += 4) sum += load<f32>(x + at);
    const mean = sum / <f32>width;

    four = f32x4.splat(0);
    for (at = 0; at < whole; at += 16) {
      const centred = f32x4.sub(v128.load(x + at), f32x4.splat(mean));
      four = f32x4.add(four, f32x4.mul(centred, centred));
    }
    sum = total(four);
    for (; at < bytes; at += 4) sum += (load<f32>(x + at) - mean) * (load<f32>(x + at) - mean);
    const scale: f32 = 1 / sqrt<f32>(sum / <f32>width + epsilon);
    store<f32>(inverse, scale);

    for (at = 0; at < whole; at += 16) {
      const own = f32x4.mul(f32x4.sub(v128.load(x + at), f32x4.splat(mean)), f32x4.splat(scale));
      v128.store(unit + at, own);
      v128.store(y + at, f32x4.add(f32x4.mul(own, v128.load(gamma + at)), v128.load(beta + at)));
    }
    for (; at < bytes; at += 4) {
      const own = (load<f32>(x + at) - mean) * scale;
      store<f32>(unit + at, own);
      store<f32>(y + at, own * load<f32>(gamma + at) + load<f32>(beta + at));
    }
  }
}

/** dx = inverse (d - mean(d) - unit mean(d unit)), with d = dy gamma. */
export function layerNormBack(
  dy: usize,
  gamma: usize,
  unit: usize,
  inverse: usize,
  dx: usize,
  rows: i32,
  width: i32,
): void {
  const bytes = (<usize>width) << 2;
  const whole = bytes & ~15;
  for (let row = 0; row < rows; row++, dy += bytes, unit += bytes, dx += bytes, inverse += 4) {
    let at: usize = 0;
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (; at < whole; at += 16) {
      const d = f32x4.mul(v128.load(dy + at), v128.load(gamma + at));
      sums = f32x4.add(sums, d);
      products = f32x4.add(products, f32x4.mul(d, v128.load(unit + at)));
    }
    let sum = total(sums);
    let product = total(products);
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at) * load<f32>(gamma + at);
      sum += d;
      product += d * load<f32>(unit + at);
    }
    const mean = sum / <f32>width;
    const along = product / <f32>width;
    const scale = load<f32>(inverse);
    for (at = 0; at < whole; at += 16) {
      const d = f32x4.mul(v128.load(dy + at), v128.load(gamma + at));
      const rest = f32x4.sub(d, f32x4.splat(mean));
      const across = f32x4.sub(rest, f32x4.mul(v128.load(unit + at), f32x4.splat(along)));
      v128.store(dx + at, f32x4.mul(across, f32x4.splat(scale)));
    }
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at) * load<f32>(gamma + at);
      store<f32>(dx + at, scale * (d - mean - load<f32>(unit + at) * along));
    }
  }
}

/** The sum of four numbers. */
function total(four: v128): f32 {
  return (
    f32x4.extract_lane(four, 0) +
    f32x4.extract_lane(four, 1) +
    f32x4.extract_lane(four, 2) +
    f32x4.extract_lane(four, 3)
  );
}
