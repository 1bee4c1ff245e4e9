// What layer normalisation and RMS normalisation do to a row: they differ in its mean, which one takes away.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { fused } from './fused.js';

export interface Normalisation {
  /** Whether the mean is taken away. */
  centred: boolean;
  /** Added to the mean of squares, inside the root. */
  epsilon: number;
  /** [W] */
  weight: tf.Tensor1D;
  /** Added to the weight. */
  offset?: number;
  /** [W] */
  bias?: tf.Tensor1D | undefined;
}

/** x [R, W] to y = x' / sqrt(mean(x'^2) + epsilon) (weight + offset) + bias, where x' is x or, centred, x - mean(x). */
export function normalise(x: tf.Tensor2D, normalisation: Normalisation): Applied {
  const { centred, epsilon, weight, offset = 0, bias } = normalisation;
  const gain = () => (offset ? tf.add<tf.Tensor1D>(weight, offset) : weight);

  /** y, and what the gradient needs: x' at unit size [R, W], and what that took [R, 1]. */
  const inSteps = () => {
    const own = centred ? tf.sub<tf.Tensor2D>(x, tf.mean(x, -1, true)) : x;
    const inverse = inverseSize(own, epsilon);
    const unit = tf.mul(own, inverse);
    const y = tf.mul(unit, gain());
    return [bias ? tf.add(y, bias) : y, unit, inverse];
  };
  const backInSteps = (dy: tf.Tensor2D) => {
    const d = tf.mul(dy, gain());
    const across = tf.sub(d, tf.mul(unit, tf.mean(tf.mul(d, unit), -1, true)));
    return [tf.mul(inverse, centred ? tf.sub(across, tf.mean(d, -1, true)) : across)];
  };

  const [y, unit, inverse] = (fused('normalise', { x, weight, bias }, { centred, offset, epsilon }) ??
    tf.tidy(inSteps)) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const back = (dy: tf.Tensor2D) => {
    const [dx] =
      fused('normaliseBack', { dy, weight, unit, inverse }, { centred, offset }) ??
      tf.tidy(() => backInSteps(dy));
    return dx as tf.Tensor2D;
  };
  return { y, holds: [unit, inverse], back };
}

/** 1 / sqrt(mean(x^2) + epsilon) of every row [R, 1]. */
export function inverseSize(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return tf.tidy(() => tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)));
}
