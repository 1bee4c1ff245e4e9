// Patch files: the changed value vectors alone, before and after, for another copy of the same base.
import { z } from 'zod';
import { ConflictError, InputError, NotFiniteError } from '../errors.js';
import { isModel } from '../lm/fingerprint.js';
import { type NeuronId, NO_OVERLAY, neuronKey, type Overlay, vectorHash } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import { SafetensorsFile } from '../lm/safetensors.js';
import { writeSafetensors } from '../lm/write.js';
import type { Regression } from '../probe/results.js';
import { toleranceSchema } from '../spec/edit-file.js';
import { parseJson, validate } from '../spec/json.js';
import { applyChange } from '../surgery/change.js';
import { replay, type VectorChange } from '../surgery/replay.js';
import { driftOf } from './check.js';
import type { Context } from './context.js';
import { overlayWith } from './operate.js';
import { type StandingEdit, Standings, toRecord } from './standings.js';
import { readEditVectors, readVectors, touched } from './state.js';
import { versions } from './versions.js';
import { writing } from './writing.js';

const FORMAT = 'kn-edit-patch-1';

const metadata = z.object({
  format: z.literal(FORMAT, { error: 'is not a kn-edit patch' }),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  model: z.string().max(1000),
  edits: z.string().max(1_000_000),
  neurons: z.string().max(50_000_000),
});

const index = z.number().int().nonnegative();

/** A patch; the shape that scripts read. */
export interface Patch {
  file: string;
  model: string;
  /** Fingerprint of the base that it was made from. */
  fingerprint: string;
  /** Names of the edits in it. */
  edits: string[];
  vectors: { layer: number; neuron: number; beforeSha256: string; afterSha256: string }[];
}

export interface PatchOptions {
  /** Apply although other edits lose by it. */
  allowRegressions?: boolean | undefined;
}

/** What became of a patch; the shape that scripts read. */
export interface AppliedPatch {
  status: 'applied' | 'refused';
  editId: number | null;
  patch: Patch;
  /** How the edits that are applied beside it stand with it, and what they lose by it. */
  standings: StandingEdit[];
  regressions: Regression[];
}

interface ReadPatch {
  patch: Patch;
  changes: { at: NeuronId; before: Float32Array; after: Float32Array }[];
}

/**
 * Writes what the given edits, replayed alone on the base in the order of their ids, change.
 * @throws ConflictError when an edit is not in the ledger; InputError when the file cannot be written
 */
export async function exportPatch(context: Context, ids: readonly number[], out: string): Promise<Patch> {
  const { ledger, model } = context;
  if (!ledger) throw new ConflictError('there is no ledger yet; apply an edit first');
  const order = [...new Set(ids)].sort((a, b) => a - b);
  const edits = order.map((id) => ({
    name: ledger.edits.name(id),
    vectors: readEditVectors(ledger, id, model),
  }));
  const neurons = touched(edits.map(({ vectors }) => vectors));
  const base = await readVectors(context, neurons, NO_OVERLAY);
  const replayed = replay(
    base,
    edits.map(({ vectors }) => vectors),
  );
  const last = new Map(replayed.flat().map(({ at, after }) => [neuronKey(at), after]));
  const shape = [neurons.length, model.hidden];
  const matrix = (vectors: ReadonlyMap<string, Float32Array>) => {
    const values = new Float32Array(neurons.length * model.hidden);
    for (const [i, at] of neurons.entries()) {
      values.set(vectors.get(neuronKey(at)) ?? [], i * model.hidden);
    }
    return values;
  };
  await writeSafetensors(
    out,
    [
      { name: 'before', shape, values: matrix(base) },
      { name: 'after', shape, values: matrix(last) },
    ],
    {
      format: FORMAT,
      fingerprint: model.fingerprint,
      model: model.name,
      edits: JSON.stringify(edits.map(({ name }) => name)),
      neurons: JSON.stringify(neurons),
    },
  );
  return readPatch(out).patch;
}

/** Reads and checks a patch file. @throws InputError that names what is wrong with it */
export function readPatch(path: string): ReadPatch {
  const file = SafetensorsFile.open(path);
  const found = new Map<string, { shape: number[]; values: Float32Array }>();
  try {
    for (const name of ['before', 'after']) {
      const entry = file.tensors.get(name);
      if (entry) found.set(name, { shape: entry.shape, values: file.read(entry) });
    }
  } finally {
    file.close();
  }
  const head = validate(path, file.metadata, metadata);
  const neurons = validate(path, parseJson(path, head.neurons), z.array(z.tuple([index, index])).min(1));
  const edits = validate(path, parseJson(path, head.edits), z.array(z.string()));
  const before = found.get('before');
  const after = found.get('after');
  const [rows, width = 0] = before?.shape ?? [];
  if (
    !before ||
    !after ||
    rows !== neurons.length ||
    before.shape.join() !== after.shape.join() ||
    width === 0
  ) {
    throw new InputError(`${path}: not a kn-edit patch: its tensors do not go with its neurons`);
  }
  const changes = neurons.map((at, i) => ({
    at,
    before: before.values.slice(i * width, (i + 1) * width),
    after: after.values.slice(i * width, (i + 1) * width),
  }));
  const vectors = changes.map(({ at: [layer, neuron], before: was, after: is }) => {
    return { layer, neuron, beforeSha256: vectorHash(was), afterSha256: vectorHash(is) };
  });
  return { patch: { file: path, model: head.model, fingerprint: head.fingerprint, edits, vectors }, changes };
}

/**
 * Puts a patch on as an edit of its own, which can be reverted like any other.
 * @throws ConflictError when it was made from another base, or a vector is not what the patch expects
 */
export async function applyPatch(
  context: Context,
  path: string,
  { allowRegressions = false }: PatchOptions = {},
): Promise<AppliedPatch> {
  const { ledger, model, applied } = context;
  if (!ledger) throw new InputError('--base ignores the ledger, so no patch can be applied; drop --base');
  ledger.expectWritable();
  const { patch, changes } = readPatch(path);
  if (!isModel(model, patch.fingerprint)) {
    throw new ConflictError(
      `${path}: was made from ${patch.model} (${patch.fingerprint.slice(0, 12)}), ` +
        `the model is ${model.name} (${model.fingerprint.slice(0, 12)})`,
    );
  }
  if (patch.fingerprint !== model.fingerprint) {
    context.note(
      `${path}: is of a time when tokenizer_config.json was no part of a model's fingerprint; it is taken to be for ${model.name}`,
    );
  }
  for (const { at, after } of changes) {
    const [layer, neuron] = at;
    const inside = layer < model.layers && neuron < model.neurons && ownerOf(model, layer) === layer;
    if (!inside || after.length !== model.hidden) {
      throw new InputError(`${path}: neuron ${neuronKey(at)} does not fit the model`);
    }
  }
  const current = await readVectors(
    context,
    changes.map(({ at }) => at),
    context.overlay,
  );
  const vectors = changes.map(
    ({ at, before, after }): VectorChange & { share: number; meanScore: number } => {
      const now = current.get(neuronKey(at));
      if (!now || vectorHash(now) !== vectorHash(before)) {
        throw new ConflictError(
          `${path}: layer ${at[0]}, neuron ${at[1]} is not as the patch expects it; revert the edits that touch it`,
        );
      }
      const change = { scale: 0, shift: after };
      return { at, change, before, after: applyChange(before, change), share: 0, meanScore: 0 };
    },
  );
  const wild = vectors.find(({ after }) => !after.every(Number.isFinite));
  if (wild) {
    throw new InputError(
      `${path}: the value vector of layer ${wild.at[0]}, neuron ${wild.at[1]} holds values that are not finite numbers`,
    );
  }
  const overlay = overlayWith(context, vectors);
  await expectNumbers(context, overlay, path);
  const others = await Standings.of(context, context.edits);
  const stood = await others.measure(context.overlay);
  const stands = await others.measure(overlay);
  const standings = others.judge(stands);
  const regressions = others.losses(stood, stands, toleranceSchema.parse({}));
  if (regressions.length > 0 && !allowRegressions) {
    return { status: 'refused', editId: null, patch, standings, regressions };
  }
  const record = {
    name: patch.edits.join(', '),
    operation: 'patch',
    specification: { patch: patch.vectors.length, edits: patch.edits },
    settings: undefined,
    localizationId: undefined,
    versions: versions(context),
    outcome: null,
    vectors,
    before: [],
    after: [],
    standings: toRecord(standings),
  };
  const [editId = null] = await writing(context, () => ledger.edits.apply([record], applied));
  return { status: 'applied', editId, patch, standings, regressions };
}

/** @throws InputError when the model's answers would be no numbers, as far as there are facts to ask */
async function expectNumbers(context: Context, overlay: Overlay, path: string): Promise<void> {
  try {
    await driftOf(context, overlay);
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    throw new InputError(`${path}: its value vectors are too large: ${error.message}`);
  }
}
