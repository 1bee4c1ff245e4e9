// Exporting: the model as edited, as a Hugging Face checkpoint directory.
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';
import { CONFIG, OPTIONAL, TOKENIZER } from '../lm/files.js';
import { patchWeights, writeWhole } from '../lm/write.js';
import type { Context } from './context.js';
import { versions } from './versions.js';

/** Files that make up a checkpoint beside its weights, where the base has them. Nothing else is taken along. */
const FILES = [CONFIG, TOKENIZER, ...OPTIONAL, 'facts.json'];

/** What was written; the shape that scripts read. */
export interface ExportResult {
  directory: string;
  files: string[];
  /** Edits that are in it. */
  edits: number[];
  /** Value vectors that differ from the base's. */
  vectors: number;
}

/**
 * Writes the edited model to a new directory: weights in the base's dtype with only the edited value vectors changed,
 * configuration, tokenizer, and `kn-edit.json`, which says what it was made from. The directory appears whole or
 * not at all.
 * @throws InputError when the directory exists or cannot be written
 */
export async function exportModel(context: Context, target: string): Promise<ExportResult> {
  const directory = resolve(target);
  if (isPresent(directory))
    throw new InputError(`${directory}: exists already; name a directory that does not`);
  const { model, overlay, applied } = context;
  const temporary = join(dirname(directory), `.${basename(directory)}.${process.pid}.tmp`);
  const present = FILES.filter((name) => isPresent(join(model.directory, name)));
  const { weights, values } = await context.run('files', {});
  try {
    await mkdir(temporary); // not recursive: the place itself must exist
    for (const name of [...present, ...weights]) {
      context.progress('export', 0, 1);
      await copyFile(join(model.directory, name), join(temporary, name), constants.COPYFILE_FICLONE);
    }
    await patchWeights(temporary, overlay, values);
    const origin = {
      base: { name: model.name, fingerprint: model.fingerprint },
      edits: applied.map((id) => ({ id, name: context.ledger?.edits.name(id) })),
      versions: versions(context),
    };
    await writeWhole(join(temporary, 'kn-edit.json'), Buffer.from(`${JSON.stringify(origin, null, 2)}\n`));
    for (const name of [...present, ...weights]) await sync(join(temporary, name));
    await rename(temporary, directory);
    await sync(dirname(directory));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof InputError) throw error;
    throw new InputError(`${directory}: cannot be written: ${systemReason(error)}; choose another place`);
  }
  context.progress('export', 1, 1);
  return {
    directory,
    files: [...present, ...weights, 'kn-edit.json'],
    edits: [...applied],
    vectors: overlay.neurons.length,
  };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
