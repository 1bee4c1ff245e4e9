// The models at hand: the embedded one, directories, and those of the hub's cache; listing, pulling, sizing.
import { basename, join } from 'node:path';
import { errorData } from '../errors.js';
import type { PullResult } from '../hub/pull.js';
import { requireRepository } from '../hub/repository.js';
import { type Inspection, inspectCheckpoint, inspectThoroughly } from '../lm/inspect.js';
import type { EngineChoice } from '../spec/choices.js';
import { argument, takes } from './arguments.js';
import type { Control } from './context.js';
import { type Estimate, estimateLocate } from './estimate.js';
import { findModel } from './find-model.js';
import { modelNames, type NamedModel } from './model-names.js';

/** One model of the list; the shape that scripts read. */
export interface ListedModel extends NamedModel {
  /** Absent where the model cannot be loaded. */
  checkpoint?: Inspection | undefined;
  /** Why it cannot be loaded. */
  problem?: string | undefined;
}

/** The embedded model and all models of the hub's cache, those that cannot be loaded with the reason. */
export function listModels(): ListedModel[] {
  return modelNames().map((one) => ({ ...one, ...inspected(one.directory) }));
}

/** @param directory or a GGUF file */
function inspected(directory: string): Pick<ListedModel, 'checkpoint' | 'problem'> {
  try {
    return { checkpoint: inspectCheckpoint(directory) };
  } catch (error) {
    return {
      problem: errorData(error).message.replaceAll(join(directory, '/'), '').replace(`${directory}: `, ''),
    };
  }
}

/** A model with what it takes to locate a fact in it; the shape that scripts read. */
export interface ModelReport extends Inspection {
  name: string;
  /** Or its GGUF file. */
  directory: string;
  estimate: Estimate;
}

/**
 * What is known of a model without loading it, with an estimate of memory and time.
 * @param model as for `--model`
 * @param workers at most; as many as the machine has cores unless given
 * @throws InputError when there is no such model, or it cannot be loaded
 */
export async function modelInfo(
  model?: string,
  engine: EngineChoice = 'auto',
  { signal, workers }: Control & { workers?: number | undefined } = {},
): Promise<ModelReport> {
  argument('model', model, takes.path.optional());
  argument('workers', workers, takes.count.optional());
  const { name, directory } = findModel(model);
  const checkpoint = await inspectThoroughly(directory, signal);
  const estimate = await estimateLocate(checkpoint, engine, { workers });
  return { name: name ?? basename(directory), directory, ...checkpoint, estimate };
}

/**
 * Downloads a model of the hub into the cache, or what is missing of it; it can be given to `--model` afterwards.
 * @param name `organisation/name`, or `organisation/name@revision`; of a GGUF file with `/FILE.gguf` behind it
 * @throws InputError, NetworkError or InterruptedError; what has arrived is kept for the next time
 */
export async function pullModel(name: string, control: Control = {}): Promise<PullResult> {
  const repository = requireRepository(argument('name', name, takes.name));
  argument('control', control, takes.control);
  const { pull } = await import('../hub/pull.js'); // the package is needed by nobody else
  return pull(repository, control.signal, (done, total, file) =>
    control.onProgress?.({ stage: 'download', done, total, file }),
  );
}
