// The difference between a model and its base: value vectors, as a plain value that can cross threads.
import { createHash } from 'node:crypto';

/** A neuron: (layer, index), both zero-based; as edit files write it, and as it is passed on in here. */
export type NeuronId = readonly [layer: number, neuron: number];

/** A neuron as results name it. */
export interface Neuron {
  layer: number;
  neuron: number;
}

export function toNeuron([layer, neuron]: NeuronId): Neuron {
  return { layer, neuron };
}

export function toNeuronId({ layer, neuron }: Neuron): NeuronId {
  return [layer, neuron];
}

/** Value vectors that stand in place of the base's. */
export interface Overlay {
  /** Equal ids mean equal bytes; the empty overlay (the base itself) has the empty id. */
  id: string;
  neurons: NeuronId[];
  /** One row of H floats per neuron [n, H]. */
  values: Float32Array;
}

/** The base itself. */
export const NO_OVERLAY: Overlay = { id: '', neurons: [], values: new Float32Array() };

/** "layer:neuron", for maps and sets. */
export function neuronKey([layer, neuron]: NeuronId): string {
  return `${layer}:${neuron}`;
}

/**
 * The overlay with further vectors on top, in the canonical order of (layer, neuron).
 * @param vectors of a neuron that comes more than once, the last one counts
 */
export function extendOverlay(
  overlay: Overlay,
  vectors: readonly { at: NeuronId; vector: Float32Array }[],
): Overlay {
  const last = new Map(
    [...overlayVectors(overlay), ...vectors].map((one) => [neuronKey(one.at), one] as const),
  );
  if (last.size === 0) return NO_OVERLAY;
  const entries = [...last.values()].sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  const width = entries[0]?.vector.length ?? 0;
  const values = new Float32Array(entries.length * width);
  const hash = createHash('sha256');
  entries.forEach(({ at, vector }, row) => {
    values.set(vector, row * width);
    hash.update(`${neuronKey(at)};`).update(vectorBytes(vector));
  });
  return { id: hash.digest('hex'), neurons: entries.map(({ at }) => at), values };
}

/** The overlay without the vectors of some neurons. */
export function withoutNeurons(overlay: Overlay, neurons: readonly NeuronId[]): Overlay {
  const gone = new Set(neurons.map(neuronKey));
  const kept = overlayVectors(overlay).filter(({ at }) => !gone.has(neuronKey(at)));
  return extendOverlay(NO_OVERLAY, kept);
}

/** The vectors, each with its neuron. */
export function overlayVectors({ neurons, values }: Overlay): { at: NeuronId; vector: Float32Array }[] {
  const width = values.length / neurons.length;
  return neurons.map((at, row) => ({ at, vector: values.slice(row * width, (row + 1) * width) }));
}

/** The float32 bytes of a vector, as they are stored and hashed. */
export function vectorBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** SHA-256 of a vector's float32 bytes, in hex. */
export function vectorHash(vector: Float32Array): string {
  return createHash('sha256').update(vectorBytes(vector)).digest('hex');
}
