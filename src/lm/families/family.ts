// What the program has to know of a model family; one short file per family says it.
import type { z } from 'zod';
import { type JsonSource, readJson } from '../../spec/json.js';
import type { Layout } from '../layout.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';

/** What a family's `config.json` comes to. */
export interface Design {
  sizes: Sizes;
  /** Name of the linear layer whose weight holds a layer's value vectors; layers that share weights name the same. */
  value(layer: number): string;
  /** Asks for every part that the network is made of. @returns what puts them together, once they were read */
  plan(parts: Parts): () => Network;
}

/** How special tokens are written where the tokenizer's configuration does not say. */
export interface SpecialTokens {
  mask: string;
  unknown: string;
}

export interface Family {
  /** `model_type` in config.json. */
  type: string;
  /** `architectures` in config.json whose weights hold a language model of this family. */
  architectures: readonly string[];
  /** Special tokens of a masked model; causal models have none. */
  special?: SpecialTokens;
  /** Start of the names of the body's tensors; missing in checkpoints of the body alone. */
  prefix: string;
  /** What some checkpoints call a tensor; the same name where all agree on it. */
  otherwise?(name: string): string;
  /** What may stand before the names where the checkpoint holds other models, too. */
  within?: readonly string[];
  /** How the weights of linear layers lie in a checkpoint. */
  layout: Layout;
  /** @throws InputError that names the field of a configuration that is not supported */
  read(config: JsonSource): Design;
}

/** What a family file writes: a family, with a schema of its own for the fields of config.json that it needs. */
export interface FamilyFile<T extends z.ZodType> extends Omit<Family, 'read'> {
  config: T;
  sizes(config: z.infer<T>): Sizes;
  /** See `Design`. */
  value(layer: number, config: z.infer<T>): string;
  plan(config: z.infer<T>, parts: Parts): () => Network;
}

/** Makes a family of what its file says. */
export function family<T extends z.ZodType>(file: FamilyFile<T>): Family {
  const { config: schema, sizes, value, plan, ...rest } = file;
  return {
    ...rest,
    read(source) {
      const config = readJson(source, schema);
      return {
        sizes: sizes(config),
        value: (layer) => value(layer, config),
        plan: (parts) => plan(config, parts),
      };
    },
  };
}
