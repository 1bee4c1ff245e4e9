// The non-linearities of feed-forward layers, by the names that config.json has for them.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { type Curve, fusedOn, gelu, geluNew, relu, silu } from './curves.js';

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
  const apply = (z: tf.Tensor2D): Applied => {
    const [y] = fusedOn(curve, 'activate', { z }) ?? [tf.tidy(() => curve.value(z))];
    const back = (dy: tf.Tensor2D) => {
      const [dz] = fusedOn(curve, 'activateBack', { dy, z }) ?? [tf.tidy(() => tf.mul(dy, curve.slope(z)))];
      return dz as tf.Tensor2D;
    };
    return { y: y as tf.Tensor2D, holds: [z], back };
  };
  return Object.assign(apply, { curve });
}
