// Steps of layers that an engine may do at once, by kernels of its own. Where it has none, a layer takes many small
// steps instead, with the same result.
import * as tf from '@tensorflow/tfjs-core';

export const FUSED = {
  /** z and, where there is a gate, up to y; attribute `kind`, the curve's number */
  activate: 'KnEditActivate',
  /** dy, z and, where there is a gate, up to dz and dup; attribute `kind` */
  activateBack: 'KnEditActivateBack',
  /** x, weight and, where there is one, bias to y, unit, inverse; attributes `centred`, `offset`, `epsilon` */
  normalise: 'KnEditNormalise',
  /** dy, weight, unit, inverse to dx; attributes `centred`, `offset` */
  normaliseBack: 'KnEditNormaliseBack',
  /** x, cosine, sine to y; attributes `back`, and of a head's pairs `pairs`, `step`, `gap` */
  turn: 'KnEditTurn',
  /** q, k, v and, where rows are hidden, hidden to y, p; attributes `heads`, `scale` */
  attend: 'KnEditAttend',
  /** dy, q, k, v, p to dq, dk, dv of the last rows; attributes `heads`, `scale`, `count` */
  attendBack: 'KnEditAttendBack',
  /** logits, targets to P and, where attribute `gradient` says so, dP/dlogits */
  answer: 'KnEditAnswer',
} as const;

/**
 * Does a step at once, where the engine in use can.
 * @param inputs those that are undefined are left out
 * @returns undefined where it cannot
 */
export function fused(
  step: keyof typeof FUSED,
  inputs: Record<string, tf.Tensor | undefined>,
  attributes: tf.NamedAttrMap = {},
): tf.Tensor[] | undefined {
  const name = FUSED[step];
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  const present = Object.entries(inputs).filter(
    (input): input is [string, tf.Tensor] => input[1] !== undefined,
  );
  const found: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, Object.fromEntries(present), attributes);
  return [found].flat();
}
