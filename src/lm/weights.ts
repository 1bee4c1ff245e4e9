// The weights of a checkpoint on their way from the file into the network, by name.

import type { Hash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { SafetensorsFile } from './safetensors.js';

export class Weights {
  private constructor(private readonly tensors: Map<string, tf.Tensor>) {}

  /**
   * Reads the named tensors straight into the tensor backend, one at a time, in one pass over the file. Tensors
   * that are not asked for (pooler, heads of other tasks) are skipped.
   * @param shapes what is needed, by name
   * @param hash is fed every byte of the file
   * @throws InputError when a tensor is missing or has another shape
   */
  static read(path: string, shapes: ReadonlyMap<string, number[]>, hash: Hash): Weights {
    const file = SafetensorsFile.open(path);
    const tensors = new Map<string, tf.Tensor>();
    try {
      for (const [name, shape] of shapes) {
        const found = file.tensors.get(name);
        if (!found)
          throw new InputError(`${path}: tensor "${name}" is missing; is this the right checkpoint?`);
        if (found.shape.join() !== shape.join()) {
          throw new InputError(
            `${path}: tensor "${name}" is [${found.shape}]; config.json asks for [${shape}]`,
          );
        }
      }
      file.readAll(
        (entry) => shapes.has(entry.name),
        (entry, values) => tensors.set(entry.name, tf.tensor(values, entry.shape)),
        hash,
      );
    } catch (error) {
      tf.dispose([...tensors.values()]);
      throw error;
    } finally {
      file.close();
    }
    return new Weights(tensors);
  }

  /** Hands a tensor over to its user; each can be taken once. */
  take<T extends tf.Tensor>(name: string): T {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`weight ${name} was not read, or was taken twice`);
    this.tensors.delete(name);
    return tensor as T;
  }
}
