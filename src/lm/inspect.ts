// What a checkpoint holds, told from its configuration and the headers of its weights, or from the configuration alone; and
// whether the rest of it can be loaded.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isPresent } from '../files.js';
import { Checkpoint } from './checkpoint.js';
import { dtypeIn, readConfig } from './config.js';
import { extentOf } from './extent.js';
import type { Design, Family } from './families/family.js';
import { CONFIG, fileOf, modelFiles, WEIGHTS, WEIGHTS_INDEX } from './files.js';
import type { Extent, Sizes } from './model-info.js';
import { isOneFile } from './one-file.js';
import { ownersOf } from './owners.js';
import { bytesEach } from './plain-types.js';

/** A checkpoint that can be loaded, or will be once it has weights; plain data. */
export interface Inspection extends Sizes {
  family: string;
  /** It continues a text; others fill a blank in it. */
  causal: boolean;
  /** Where layers share value vectors: of each layer, the first one with the same. */
  owners?: number[] | undefined;
  /** Absent: there is no more than a configuration, which the sizes are told from. */
  weights: 'present' | 'absent';
  /** Elements of all tensors of the weights. */
  parameters: number;
  /** How most of them are stored, or are said to be where they are absent. */
  dtype: string;
  /** Bytes of their files on disk, which all of them would take where they are absent. */
  bytes: number;
  /** Of the network that they make. */
  extent: Extent;
  /** How it is read where its files contradict each other. */
  notes: string[];
}

/**
 * Inspects a checkpoint.
 * @param model a directory, or a GGUF file
 * @throws InputError when a file is missing or damaged, or the architecture is not supported
 */
export function inspectCheckpoint(model: string): Inspection {
  const checkpoint = Checkpoint.open(model);
  try {
    const { weights } = modelFiles(model);
    const elements = new Map<string, number>();
    for (const { dtype, shape } of checkpoint.tensors) {
      elements.set(dtype, (elements.get(dtype) ?? 0) + shape.reduce((product, n) => product * n, 1));
    }
    const [dtype = 'F32'] = [...elements].sort(([, a], [, b]) => b - a)[0] ?? [];
    const { family, design } = checkpoint;
    return {
      ...planned(family, design),
      weights: 'present',
      parameters: [...elements.values()].reduce((sum, n) => sum + n, 0),
      dtype,
      notes: checkpoint.notes,
      bytes: weights.reduce((sum, path) => sum + statSync(path).size, 0),
    };
  } finally {
    checkpoint.close();
  }
}

/** What the configuration says by itself. */
function planned(family: Family, design: Design) {
  const causal = family.special === undefined;
  const values = Array.from({ length: design.sizes.layers }, (_, layer) => design.value(layer));
  return {
    family: family.type,
    causal,
    owners: ownersOf(values),
    ...design.sizes,
    extent: extentOf(family, design),
  };
}

function isConfigAlone(model: string): boolean {
  if (isOneFile(model)) return false;
  const has = (name: string) => isPresent(join(model, name));
  return has(CONFIG) && !has(WEIGHTS) && !has(WEIGHTS_INDEX);
}

/** A directory with a configuration and no weights. @throws InputError when the architecture is not supported */
function inspectConfig(directory: string): Inspection {
  const config = fileOf(directory, CONFIG);
  const { family, design } = readConfig(config);
  const what = planned(family, design);
  const { parameters } = what.extent;
  const dtype = dtypeIn(config);
  return {
    ...what,
    weights: 'absent',
    parameters,
    dtype,
    bytes: bytesEach(dtype) * parameters,
    notes: [],
  };
}

/**
 * Inspects all of a checkpoint: its tokenizer too, and every weight. Of one without weights, the configuration.
 * @throws InputError when loading would
 */
export async function inspectThoroughly(model: string, signal?: AbortSignal): Promise<Inspection> {
  if (isConfigAlone(model)) return inspectConfig(model);
  const inspection = inspectCheckpoint(model);
  const checkpoint = Checkpoint.open(model);
  try {
    const { notes } = checkpoint.tokenizer();
    await checkpoint.verify(signal);
    return { ...inspection, notes: [...inspection.notes, ...notes] };
  } finally {
    checkpoint.close();
  }
}
