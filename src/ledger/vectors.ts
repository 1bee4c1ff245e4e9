// Value vectors of edits: what each edit does to a neuron, and what that came to. Everything is under a hash, which is
// checked whenever it is read. A change of rank one, w delta', which may be of every vector of a layer, is stored as its factors:
// a gain per neuron and one direction per layer, with the hashes of what it found and left, but not the vectors.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConflictError } from '../errors.js';
import {
  extendOverlay,
  type NeuronId,
  NO_OVERLAY,
  neuronKey,
  vectorBytes,
  vectorHash,
} from '../lm/overlay.js';
import type { VectorChange } from '../surgery/replay.js';
import type { StoredVector, TouchedNeuron, VectorRecord } from './records.js';
import { type Connection, floats, row, rows } from './rows.js';

// The order of the joins is given, and the index: SQLite's planner reads whole edits, vectors and all, where the neurons
// in the index are enough.
const COLUMNS = `edit_id, layer, neuron, share, mean_score, scale, along_norm, shift, gain,
  before, before_sha256, after, after_sha256, formula_sha256`;

const place = { layer: z.number().int(), neuron: z.number().int() };
const formula = {
  edit_id: z.number().int(),
  ...place,
  scale: z.number(),
  along_norm: floats.nullable(),
  shift: floats.nullable(),
  gain: z.number().nullable().default(null), // older versions had none
};
const vectorRow = z.object({
  ...formula,
  share: z.number(),
  mean_score: z.number(),
  before: floats.nullable(),
  before_sha256: z.string(),
  after: floats.nullable(),
  after_sha256: z.string(),
  formula_sha256: z.string(),
});
const touchedRow = z.object({
  ...place,
  first: z.number().int(),
  before: floats.nullable(),
  before_sha256: z.string(),
  last: z.number().int(),
  after: floats.nullable(),
  after_sha256: z.string(),
});
const directionRow = z.object({ edit_id: z.number().int(), layer: z.number().int(), vector: floats });

/** The value vectors of an edit, in the order in which they were located. */
export function vectorsOf(db: Connection, id: number): StoredVector[] {
  const found = db.prepare(`SELECT ${COLUMNS} FROM value_vectors WHERE edit_id = ? ORDER BY ordinal`).all(id);
  const directions = directionsOf(db, [id]);
  return rows(vectorRow, found).map((one) => toVector(one, directions));
}

/** What some edits do to some neurons, by the edit's id, in the order of the ids. */
export function chainsOf(
  db: Connection,
  neurons: readonly NeuronId[],
  ids: readonly number[],
): Map<number, StoredVector[]> {
  const found = db
    .prepare(
      `SELECT ${COLUMNS} FROM json_each(?) AS wanted
       CROSS JOIN value_vectors INDEXED BY value_vectors_by_neuron
         ON layer = wanted.value ->> 0 AND neuron = wanted.value ->> 1
       WHERE +edit_id IN (SELECT value FROM json_each(?)) ORDER BY edit_id, ordinal`,
    )
    .all(JSON.stringify(neurons), JSON.stringify(ids));
  const directions = directionsOf(db, ids);
  const chains = new Map<number, StoredVector[]>();
  for (const one of rows(vectorRow, found)) {
    const chain = chains.get(one.edit_id) ?? [];
    chain.push(toVector(one, directions));
    chains.set(one.edit_id, chain);
  }
  return chains;
}

/** Directions [H] by edit and layer. */
type Directions = ReadonlyMap<string, z.infer<typeof floats>>;

function directionsOf(db: Connection, ids: readonly number[]): Directions {
  const found = db
    .prepare(
      'SELECT edit_id, layer, vector FROM directions WHERE edit_id IN (SELECT value FROM json_each(?))',
    )
    .all(JSON.stringify(ids));
  return new Map(
    rows(directionRow, found).map(({ edit_id: id, layer, vector }) => [directionKey(id, layer), vector]),
  );
}

function directionKey(id: number, layer: number): string {
  return `${id}:${layer}`;
}

/** The neurons that applied edits touch, in the order of (layer, neuron). */
export function touchedNeurons(db: Connection): TouchedNeuron[] {
  const found = db
    .prepare(
      `WITH touched AS MATERIALIZED (
         SELECT layer, neuron, min(edit_id) AS first, max(edit_id) AS last
         FROM value_vectors INDEXED BY value_vectors_by_neuron
         WHERE +edit_id IN (SELECT id FROM edits WHERE status = 'applied') GROUP BY layer, neuron)
       SELECT touched.layer, touched.neuron, first, lowest.before, lowest.before_sha256,
         last, topmost.after, topmost.after_sha256
       FROM touched
       CROSS JOIN value_vectors AS lowest ON lowest.edit_id = first
         AND lowest.layer = touched.layer AND lowest.neuron = touched.neuron
       CROSS JOIN value_vectors AS topmost ON topmost.edit_id = last
         AND topmost.layer = touched.layer AND topmost.neuron = touched.neuron
       ORDER BY touched.layer, touched.neuron`,
    )
    .all();
  return rows(touchedRow, found).map(({ layer, neuron, first, last, before, after, ...hashes }) => {
    const at: NeuronId = [layer, neuron];
    expectVector(first, at, before, hashes.before_sha256);
    expectVector(last, at, after, hashes.after_sha256);
    return {
      at,
      first: { edit: first, before: before ?? undefined, sha256: hashes.before_sha256 },
      last: { edit: last, after: after ?? undefined, sha256: hashes.after_sha256 },
    };
  });
}

/** What the applied edits come to, in short: SHA-256 of which neurons they touch, and of what they leave there, in hex. */
export function digestStack(neurons: readonly TouchedNeuron[]): string {
  const hash = createHash('sha256');
  for (const { at, last } of neurons) hash.update(`${neuronKey(at)};${last.sha256};`);
  return hash.digest('hex');
}

export function insertVectors(db: Connection, id: number, vectors: readonly VectorRecord[]): void {
  const direct = db.prepare('INSERT INTO directions (edit_id, layer, vector) VALUES (?, ?, ?)');
  const insert = db.prepare(
    `INSERT INTO value_vectors (edit_id, ordinal, layer, neuron, share, mean_score, scale, along_norm, shift, gain,
       before, before_sha256, after, after_sha256, formula_sha256)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const directions = new Map<number, Buffer>();
  vectors.forEach(({ at, share, meanScore, change, before, after }, ordinal) => {
    const [layer, neuron] = at;
    const { scale, gain = null } = change;
    const alongNorm = change.alongNorm ? vectorBytes(change.alongNorm) : null;
    const shift = change.shift ? vectorBytes(change.shift) : null;
    const factored = gain !== null;
    if (factored && shift && !directions.has(layer)) {
      directions.set(layer, shift);
      direct.run(id, layer, shift);
    }
    const isDirection = factored && shift && directions.get(layer)?.equals(shift);
    insert.run(
      id,
      ordinal,
      layer,
      neuron,
      share,
      meanScore,
      scale,
      alongNorm,
      isDirection ? null : shift,
      gain,
      factored ? null : vectorBytes(before),
      vectorHash(before),
      factored ? null : vectorBytes(after),
      vectorHash(after),
      formulaHash(id, at, scale, alongNorm, shift, gain),
    );
  });
}

/** What some neurons came to when an edit was replayed. What the edit does stays as it is. */
export function updateVectors(db: Connection, id: number, vectors: readonly VectorChange[]): void {
  const update = db.prepare(
    `UPDATE value_vectors SET before = iif(gain IS NULL, ?, NULL), before_sha256 = ?,
       after = iif(gain IS NULL, ?, NULL), after_sha256 = ?
     WHERE edit_id = ? AND layer = ? AND neuron = ?`,
  );
  for (const { at, before, after } of vectors) {
    update.run(vectorBytes(before), vectorHash(before), vectorBytes(after), vectorHash(after), id, ...at);
  }
}

/** The id of the overlay that the applied edits come to, which older versions recorded in place of the digest. */
export function formerOverlay(db: Connection): string {
  const left = touchedNeurons(db).flatMap(({ at, last: { after } }) =>
    after ? [{ at, vector: after }] : [],
  );
  return extendOverlay(NO_OVERLAY, left).id;
}

/** Hashes what the edits of an older ledger do, which had no hash then. */
export function hashFormulas(db: Connection): void {
  const places = db.prepare('SELECT edit_id, layer, neuron FROM value_vectors').all();
  const read = db.prepare(
    `SELECT edit_id, layer, neuron, scale, along_norm, shift FROM value_vectors
     WHERE edit_id = ? AND layer = ? AND neuron = ?`,
  );
  const update = db.prepare(
    'UPDATE value_vectors SET formula_sha256 = ? WHERE edit_id = ? AND layer = ? AND neuron = ?',
  );
  for (const { edit_id: id, layer, neuron } of rows(z.object({ edit_id: z.number(), ...place }), places)) {
    const found = row(z.object(formula), read.get(id, layer, neuron));
    update.run(hashOf(found), id, layer, neuron);
  }
}

type FormulaRow = z.infer<z.ZodObject<typeof formula>>;

function hashOf({ edit_id: id, layer, neuron, scale, along_norm, shift, gain }: FormulaRow): string {
  const bytes = (vector: Float32Array | null) => vector && vectorBytes(vector);
  return formulaHash(id, [layer, neuron], scale, bytes(along_norm), bytes(shift), gain);
}

/** SHA-256 of which edit does what to which neuron, in hex. */
function formulaHash(
  id: number,
  at: NeuronId,
  scale: number,
  alongNorm: Buffer | null,
  shift: Buffer | null,
  gain: number | null,
): string {
  const hash = createHash('sha256').update(Float64Array.of(id, ...at, scale));
  if (gain !== null) hash.update(Float64Array.of(gain));
  for (const vector of [alongNorm, shift]) hash.update(`;${vector?.length ?? 'none'};`).update(vector ?? '');
  return hash.digest('hex');
}

/** @throws ConflictError when something of it is not what was recorded */
function toVector(one: z.infer<typeof vectorRow>, directions: Directions): StoredVector {
  const at: NeuronId = [one.layer, one.neuron];
  const direction = one.gain === null ? undefined : directions.get(directionKey(one.edit_id, one.layer));
  const shift = one.shift ?? direction;
  expectVector(one.edit_id, at, one.before, one.before_sha256);
  expectVector(one.edit_id, at, one.after, one.after_sha256);
  expectHash(one.edit_id, at, hashOf({ ...one, shift: shift ?? null }), one.formula_sha256);
  return {
    at,
    change: {
      scale: one.scale,
      alongNorm: one.along_norm ?? undefined,
      shift,
      gain: one.gain ?? undefined,
    },
    before: one.before ?? undefined,
    after: one.after ?? undefined,
    share: one.share,
    meanScore: one.mean_score,
    beforeSha256: one.before_sha256,
    afterSha256: one.after_sha256,
  };
}

function expectVector(id: number, at: NeuronId, vector: Float32Array | null, recorded: string): void {
  if (vector) expectHash(id, at, vectorHash(vector), recorded);
}

function expectHash(id: number, [layer, neuron]: NeuronId, found: string, recorded: string): void {
  if (found === recorded) return;
  throw new ConflictError(
    `the ledger is damaged: edit ${id}, layer ${layer}, neuron ${neuron}: what is stored does not match its hash; ` +
      'restore it from a copy',
  );
}
