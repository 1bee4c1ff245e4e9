// Exporting: the model as edited, as a Hugging Face checkpoint directory.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, InterruptedError, KnEditError, systemReason } from '../errors.js';
import { isPresent, openRegular } from '../files.js';
import { planStorage, type Storage, writeEdited } from '../lm/edited-weights.js';
import { CONFIG, OPTIONAL, openWeights, TOKENIZER } from '../lm/files.js';
import { writeWhole } from '../lm/write.js';
import { factBaseJson } from '../spec/fact-base.js';
import { temporaryName, unfinished } from '../unfinished.js';
import type { Context } from './context.js';
import { ORIGIN } from './meant-for.js';
import { encodeRecorded } from './measure.js';
import { versions } from './versions.js';

/** Files that make up a checkpoint beside its weights, where the base has them. Nothing else is taken along. */
const FACTS = 'facts.json';
const FILES = [CONFIG, TOKENIZER, ...OPTIONAL, FACTS];

/** Target prompts on which the effect of rounding is measured: those of the latest edits. */
const MEASURED = 200;

export interface ExportOptions {
  /** Store tensors in F32 that have edited values which do not fit their type. */
  widen?: boolean | undefined;
}

/** What rounding to the type of the weights does to the edits. */
export interface Rounding {
  /** `F16`, `BF16` */
  dtypes: string[];
  /** The largest |rounded - vector| / |vector|. */
  relativeError: number;
  /** Answers of edits on their target prompts, and the largest change of the probability of one. */
  answers: number;
  largestChange: number;
}

/** What was written; the shape that scripts read. */
export interface ExportResult {
  directory: string;
  files: string[];
  /** Edits that are in it. */
  edits: number[];
  /** Value vectors that differ from the base's. */
  vectors: number;
  /** Null where nothing is rounded. */
  rounding: Rounding | null;
  /** Tensors that are stored in F32 instead of their type. */
  widened: string[];
}

/**
 * Writes the edited model to a new directory: weights in the base's dtype with only the edited value vectors changed,
 * configuration, tokenizer, and `kn-edit.json`, which says what it was made from. The directory appears whole or
 * not at all.
 * @throws InputError when the directory exists or cannot be written, or an edited value does not fit its tensor's type
 */
export async function exportModel(
  context: Context,
  target: string,
  { widen = false }: ExportOptions = {},
): Promise<ExportResult> {
  const directory = resolve(target);
  if (isPresent(directory))
    throw new InputError(`${directory}: exists already; name a directory that does not`);
  const { model, overlay, applied, control } = context;
  const { values } = await context.run('files', {});
  const { index, shards } = openWeights(model.directory);
  try {
    const storage = planStorage(shards, overlay, values, { widen, format: 'safetensors' });
    const rounding = await measureRounding(context, storage);
    const copied = FILES.filter((name) => isPresent(join(model.directory, name)));
    if (index) copied.push(basename(index));
    const weights = shards.map(({ path }) => basename(path));
    await appear(directory, control.signal, async (temporary) => {
      let done = 0;
      const total = copied.length + weights.length;
      for (const name of copied) {
        context.progress('export', done++, total);
        const path = join(temporary, name);
        // What was changed on purpose is no longer a fact of the model that is written.
        if (name === FACTS && context.edits.length > 0)
          await writeWhole(path, Buffer.from(factBaseJson(context.expected)));
        else await copy(join(model.directory, name), path, control.signal);
      }
      for (const shard of shards) {
        context.progress('export', done++, total);
        await writeEdited(shard, join(temporary, basename(shard.path)), storage, control.signal);
      }
      const origin = {
        base: { name: model.name, fingerprint: model.fingerprint },
        edits: applied.map((id) => ({ id, name: context.ledger?.edits.name(id) })),
        versions: versions(context),
      };
      await writeWhole(join(temporary, ORIGIN), Buffer.from(`${JSON.stringify(origin, null, 2)}\n`));
      context.progress('export', total, total);
    });
    return {
      directory,
      files: [...copied, ...weights, ORIGIN],
      edits: [...applied],
      vectors: overlay.neurons.length,
      rounding,
      widened: storage.widened,
    };
  } finally {
    for (const shard of shards) shard.close();
  }
}

/** Has a directory written under another name; it gets its own when it is whole, and is gone when it does not get so far. */
async function appear(
  directory: string,
  signal: AbortSignal | undefined,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(directory);
  try {
    await mkdir(temporary); // not recursive: the place itself must exist
    const done = unfinished(temporary);
    try {
      await write(temporary);
      await rename(temporary, directory);
    } finally {
      await rm(temporary, { recursive: true, force: true });
      done();
    }
    await sync(dirname(directory));
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError();
    if (error instanceof KnEditError) throw error;
    throw new InputError(`${directory}: cannot be written: ${systemReason(error)}; choose another place`);
  }
}

async function copy(source: string, target: string, signal: AbortSignal | undefined): Promise<void> {
  const { fd } = openRegular(source);
  await pipeline(createReadStream(source, { fd }), createWriteStream(target, { flags: 'wx' }), {
    ...(signal && { signal }),
  });
  await sync(target);
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The answers of the applied edits on their target prompts, with the vectors as they are and as they are stored. */
async function measureRounding(
  context: Context,
  { rounded: dtypes, relativeError, overlay }: Storage,
): Promise<Rounding | null> {
  if (dtypes.length === 0) return null;
  const answers = context.edits
    .flatMap(({ after }) => after)
    .filter(({ role }) => role === 'target')
    .slice(-MEASURED);
  const encoded = await encodeRecorded(context, answers, 'applied edits');
  const probes = encoded.map(({ prompt, expect, rewrite }) => ({ prompt, ask: [rewrite?.to ?? expect] }));
  const found = await context.run('probe', { probes, top: 1, reference: context.overlay }, overlay);
  const changes = found.map(({ asked, reference }) =>
    Math.abs((asked[0]?.prob ?? 0) - (reference?.asked[0] ?? 0)),
  );
  const largestChange = changes.reduce((most, change) => Math.max(most, change), 0);
  return { dtypes, relativeError, answers: found.length, largestChange };
}
