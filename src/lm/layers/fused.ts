// Steps of layers that an engine may do at once, by kernels of its own. Where it has none, a layer takes many small
// steps instead, with the same result.
import * as tf from '@tensorflow/tfjs-core';

export const FUSED = {
  /** x to y; attribute `exact` */
  gelu: 'KnEditGelu',
  /** x, dy to dx; attribute `exact` */
  geluBack: 'KnEditGeluBack',
  /** x, gamma, beta to y, unit, inverse; attribute `epsilon` */
  layerNorm: 'KnEditLayerNorm',
  /** dy, gamma, unit, inverse to dx */
  layerNormBack: 'KnEditLayerNormBack',
} as const;

/** Does a step at once, where the engine in use can. @returns undefined where it cannot */
export function fused(
  step: keyof typeof FUSED,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap = {},
): tf.Tensor[] | undefined {
  const name = FUSED[step];
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  const found: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, inputs, attributes);
  return [found].flat();
}
