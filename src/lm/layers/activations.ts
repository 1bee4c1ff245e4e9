// The non-linearities of feed-forward layers, by the names that config.json has for them.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { type Curve, gelu, geluNew, relu, silu } from './curves.js';
import { fused } from './fused.js';

/** x [R, F] to y [R, F], element by element. */
export interface Activation {
  (x: tf.Tensor2D): Applied;
  readonly curve: Curve;
}

export const ACTIVATIONS = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'gelu_fast',
  'silu',
  'swish',
  'relu',
] as const;

export type ActivationName = (typeof ACTIVATIONS)[number];

/** Several names stand for one curve: they say who implemented it. */
export const activations: Record<ActivationName, Activation> = {
  gelu: along(gelu),
  gelu_new: along(geluNew),
  gelu_pytorch_tanh: along(geluNew),
  gelu_fast: along(geluNew),
  silu: along(silu),
  swish: along(silu),
  relu: along(relu),
};

function along(curve: Curve): Activation {
  const exact = curve === gelu;
  const known = exact || curve === geluNew;
  const apply = (x: tf.Tensor2D): Applied => ({
    y: (known && (fused('gelu', { x }, { exact })?.[0] as tf.Tensor2D)) || tf.tidy(() => curve.value(x)),
    holds: [x],
    back: (dy) =>
      (known && (fused('geluBack', { x, dy }, { exact })?.[0] as tf.Tensor2D)) ||
      tf.tidy(() => tf.mul(dy, curve.slope(x))),
  });
  return Object.assign(apply, { curve });
}
