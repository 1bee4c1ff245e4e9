// Layer normalisation and RMS normalisation, which is the same without a mean, and their gradient, row by row.
import { total } from './arithmetic';

/**
 * unit = (x - mean) inverse, with inverse = 1 / sqrt(mean((x - mean)^2) + epsilon); y = unit (weight + offset) + bias.
 * @param x [rows, width], as are y and unit; inverse [rows]; weight and bias [width]
 * @param bias its address; 0 where there is none
 * @param centred else the mean is taken to be 0
 */
export function normalise(
  x: usize,
  weight: usize,
  bias: usize,
  offset: f32,
  epsilon: f32,
  centred: bool,
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
    let sum: f32 = 0;
    if (centred) {
      for (; at < whole; at += 16) four = f32x4.add(four, v128.load(x + at));
      sum = total(four);
      for (; at < bytes; at += 4) sum += load<f32>(x + at);
    }
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
      const grown = f32x4.mul(own, f32x4.add(v128.load(weight + at), f32x4.splat(offset)));
      v128.store(y + at, bias ? f32x4.add(grown, v128.load(bias + at)) : grown);
    }
    for (; at < bytes; at += 4) {
      const own = (load<f32>(x + at) - mean) * scale;
      store<f32>(unit + at, own);
      const grown = own * (load<f32>(weight + at) + offset);
      store<f32>(y + at, bias ? grown + load<f32>(bias + at) : grown);
    }
  }
}

/** dx = inverse (d - mean(d) - unit mean(d unit)), with d = dy (weight + offset); mean(d) is 0 where not centred. */
export function normaliseBack(
  dy: usize,
  weight: usize,
  unit: usize,
  inverse: usize,
  offset: f32,
  centred: bool,
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
      const d = f32x4.mul(v128.load(dy + at), f32x4.add(v128.load(weight + at), f32x4.splat(offset)));
      sums = f32x4.add(sums, d);
      products = f32x4.add(products, f32x4.mul(d, v128.load(unit + at)));
    }
    let sum = total(sums);
    let product = total(products);
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at) * (load<f32>(weight + at) + offset);
      sum += d;
      product += d * load<f32>(unit + at);
    }
    const mean: f32 = centred ? sum / <f32>width : 0;
    const along = product / <f32>width;
    const scale = load<f32>(inverse);
    for (at = 0; at < whole; at += 16) {
      const d = f32x4.mul(v128.load(dy + at), f32x4.add(v128.load(weight + at), f32x4.splat(offset)));
      const rest = f32x4.sub(d, f32x4.splat(mean));
      const across = f32x4.sub(rest, f32x4.mul(v128.load(unit + at), f32x4.splat(along)));
      v128.store(dx + at, f32x4.mul(across, f32x4.splat(scale)));
    }
    for (; at < bytes; at += 4) {
      const d = load<f32>(dy + at) * (load<f32>(weight + at) + offset);
      store<f32>(dx + at, scale * (d - mean - load<f32>(unit + at) * along));
    }
  }
}
