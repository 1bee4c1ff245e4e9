// Which layers see everything and which have a sliding window: newer configurations list the layers, in older ones it
// follows from a rule of the family.
import { z } from 'zod';

const TYPES = ['full_attention', 'sliding_attention'] as const;

export type LayerType = (typeof TYPES)[number];

/** The field of config.json, which goes with the check `oneTypeEach`. */
export const layerTypes = z.array(z.enum(TYPES)).nullish();

interface Listed {
  layer_types?: readonly LayerType[] | null | undefined;
}

/** A check that layers are listed one by one where they are listed. */
export function oneTypeEach({ value, issues }: z.core.ParsePayload<Listed & { num_hidden_layers: number }>) {
  const { layer_types: types, num_hidden_layers: layers } = value;
  if (!types || types.length === layers) return;
  const message = `lists ${types.length} of ${layers} layers (num_hidden_layers)`;
  issues.push({ code: 'custom', path: ['layer_types'], message, input: value });
}

/** @param sliding whether the layer has a window where the configuration does not list the layers */
export function layerType(layer: number, { layer_types: types }: Listed, sliding: boolean): LayerType {
  return types?.[layer] ?? (sliding ? 'sliding_attention' : 'full_attention');
}
