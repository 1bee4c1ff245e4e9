// Layers that share value vectors (ALBERT): one edit of a vector acts in all of them, so edits name it by the first.
import type { ModelInfo } from './model-info.js';
import type { NeuronId } from './overlay.js';

type Owned = Pick<ModelInfo, 'layers' | 'owners'>;

/**
 * Of each layer, the first one with the same block; undefined where every layer has a block of its own.
 * @param blocks of the layers, or the names of their weights
 */
export function ownersOf(blocks: readonly (object | string)[]): number[] | undefined {
  const owners = blocks.map((block) => blocks.indexOf(block));
  return owners.every((owner, layer) => owner === layer) ? undefined : owners;
}

/** The layer that owns the value vectors of a layer. */
export function ownerOf({ owners }: Owned, layer: number): number {
  return owners?.[layer] ?? layer;
}

/** Layers in which vectors act that are named by their owners, in order. */
export function layersOf(model: Owned, neurons: readonly NeuronId[]): number[] {
  const named = new Set(neurons.map(([layer]) => layer));
  return Array.from({ length: model.layers }, (_, layer) => layer).filter((layer) =>
    named.has(ownerOf(model, layer)),
  );
}

/** Layers with value vectors of their own, in order. */
export function owningLayers({ layers, owners }: Owned): number[] {
  return [...new Set(owners ?? Array.from({ length: layers }, (_, layer) => layer))];
}
