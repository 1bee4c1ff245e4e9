// Exporting: the model as edited, as a Hugging Face checkpoint directory, or as a GGUF file where the base is one.
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../errors.js';
import { isPresent, openRegular } from '../files.js';
import { writeEdited, writeEditedGguf } from '../lm/edited-weights.js';
import {
  CONFIG,
  GENERATION,
  OPTIONAL,
  openWeights,
  TOKENIZER,
  TOKENIZER_CONFIG,
  WEIGHTS,
  type WeightFiles,
} from '../lm/files.js';
import { GgufFile } from '../lm/gguf/file.js';
import { companion, companionOf, isGguf, isOneFile } from '../lm/one-file.js';
import { planStorage, type Storage } from '../lm/storage.js';
import { writeWhole } from '../lm/write.js';
import { factBaseJson } from '../spec/fact-base.js';
import { appear, type Output, sync } from './appear.js';
import type { Context } from './context.js';
import { ORIGIN } from './meant-for.js';
import { encodeRecorded } from './measure.js';
import { versions } from './versions.js';

const FACTS = 'facts.json';
/** Files that make up a checkpoint beside its weights, where the base has them. Nothing else is taken along. */
const FILES = [CONFIG, TOKENIZER, ...OPTIONAL];

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
  /** Or the GGUF file. */
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
  /** Tensors of a GGUF file that are stored in a plain type, because its blocks cannot hold edited values. */
  retyped: { tensor: string; from: string; to: string }[];
}

/**
 * Writes the edited model, with only the edited value vectors changed: to a new directory, with configuration and
 * tokenizer, and weights in the base's types (those of GGUF's blocks in F32); or, of a base that is a GGUF file, to a new
 * GGUF file, in which matrices of blocks that are edited become F16, or F32 where F16 changes a vector by more than 2^-10 of
 * its norm. `kn-edit.json` says what it was made from. It appears whole or not at all.
 * @param target a directory, or a path that ends in `.gguf`
 * @throws InputError when the target exists or cannot be written, an edited value does not fit its tensor's type, or
 *   config.json has no words for what a GGUF file says
 */
export async function exportModel(
  context: Context,
  target: string,
  { widen = false }: ExportOptions = {},
): Promise<ExportResult> {
  const path = resolve(target);
  if (isPresent(path)) throw new InputError(`${path}: exists already; choose a name that does not`);
  const { model, overlay, applied, control } = context;
  const toGguf = isGguf(path);
  if (toGguf && !isOneFile(model.directory)) {
    throw new InputError(
      `${path}: a GGUF file is written only of a base that is one; name a directory, ` +
        'and convert it with convert_hf_to_gguf.py of llama.cpp',
    );
  }
  const { values } = await context.run('files', {});
  const weights = openWeights(model.directory);
  try {
    const format = toGguf ? 'gguf' : 'safetensors';
    const storage = planStorage(weights.shards, overlay, values, { widen, format });
    const rounding = await measureRounding(context, storage);
    const nameFor = toGguf ? (file: string) => basename(companionOf(path, file)) : (file: string) => file;
    // The weights last: before them nothing is a model.
    const outputs = [
      ...companions(context).map(({ name, write }) => ({ name: nameFor(name), write })),
      ...(toGguf
        ? ggufOutputs(basename(path), weights, storage, control.signal)
        : directoryOutputs(model.directory, weights, storage, control.signal)),
    ];
    for (const { name } of toGguf ? outputs : []) {
      const place = join(dirname(path), name);
      if (isPresent(place)) throw new InputError(`${place}: exists already; choose another name`);
    }
    const onStart = (done: number) => context.progress('export', done, outputs.length);
    await appear(path, outputs, { beside: toGguf, signal: control.signal, onStart });
    onStart(outputs.length);
    return {
      directory: path,
      files: outputs.map(({ name }) => name),
      edits: [...applied],
      vectors: overlay.neurons.length,
      rounding,
      widened: storage.widened,
      retyped: storage.retyped,
    };
  } finally {
    for (const shard of weights.shards) shard.close();
  }
}

/** Configuration, tokenizer and weights: those of the base's directory, or what is made of its GGUF file. */
function directoryOutputs(
  base: string,
  { index, shards }: WeightFiles,
  storage: Storage,
  signal: AbortSignal | undefined,
): Output[] {
  const [gguf] = shards;
  if (gguf instanceof GgufFile) {
    const weights = { name: WEIGHTS, write: (path: string) => writeEdited(gguf, path, storage, signal) };
    return [
      json(CONFIG, gguf.portableConfig()),
      json(GENERATION, gguf.generationConfig()),
      json(TOKENIZER, gguf.tokenizer()),
      json(TOKENIZER_CONFIG, gguf.tokenizerConfig()),
      weights,
    ];
  }
  const copied = FILES.filter((name) => isPresent(join(base, name)));
  if (index) copied.push(basename(index));
  return [
    ...copied.map((name) => ({ name, write: (path: string) => copy(join(base, name), path, signal) })),
    ...shards.map((shard) => ({
      name: basename(shard.path),
      write: (path: string) => writeEdited(shard, path, storage, signal),
    })),
  ];
}

function ggufOutputs(
  name: string,
  { shards }: WeightFiles,
  storage: Storage,
  signal: AbortSignal | undefined,
): Output[] {
  return shards
    .filter((shard) => shard instanceof GgufFile)
    .map((gguf) => ({ name, write: (path: string) => writeEditedGguf(gguf, path, storage, signal) }));
}

/** What belongs to every model that is written: its fact base, where the base has one, and what it was made from. */
function companions(context: Context): Output[] {
  const { model, applied, ledger, edits, expected, control } = context;
  const facts = companion(model.directory, FACTS);
  // What was changed on purpose is no longer a fact of the model that is written.
  const written = (path: string) =>
    edits.length > 0
      ? writeWhole(path, Buffer.from(factBaseJson(expected)))
      : copy(facts, path, control.signal);
  const origin = {
    base: { name: model.name, fingerprint: model.fingerprint },
    edits: applied.map((id) => ({ id, name: ledger?.edits.name(id) })),
    versions: versions(context),
  };
  return [...(isPresent(facts) ? [{ name: FACTS, write: written }] : []), json(ORIGIN, origin)];
}

function json(name: string, value: unknown): Output {
  return { name, write: (path) => writeWhole(path, Buffer.from(`${JSON.stringify(value, null, 2)}\n`)) };
}

async function copy(source: string, target: string, signal: AbortSignal | undefined): Promise<void> {
  const { fd } = openRegular(source);
  await pipeline(createReadStream(source, { fd }), createWriteStream(target, { flags: 'wx' }), {
    ...(signal && { signal }),
  });
  await sync(target);
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
