// Edits: what was done, to which vectors, what it showed, and whether it still holds.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConflictError, InputError } from '../errors.js';
import type { NeuronId } from '../lm/overlay.js';
import type { ProbeResult } from '../probe/results.js';
import type { Standing } from '../probe/standing.js';
import type { VectorChange } from '../surgery/replay.js';
import type { LedgerFile } from './database.js';
import { type Phase, readProbes, saveProbes } from './probes.js';
import type { StoredVector, TouchedNeuron, VectorRecord } from './records.js';
import { jsonColumn, row, rows } from './rows.js';
import {
  type KnownStanding,
  type MeasuredStanding,
  saveStandings,
  standingColumns,
  toStanding,
} from './standings.js';
import { chainsOf, digestStack, insertVectors, touchedNeurons, updateVectors, vectorsOf } from './vectors.js';

/** An edit on its way into the ledger. */
export interface EditRecord {
  name: string;
  operation: string;
  /** The edit file, as it was validated. */
  specification: unknown;
  settings: unknown;
  localizationId: number | undefined;
  /** Versions of everything that had a part in it. */
  versions: Record<string, string>;
  /** Verdict, metrics, controls and regressions, as they were measured. */
  outcome: unknown;
  vectors: readonly VectorRecord[];
  before: readonly ProbeResult[];
  after: readonly ProbeResult[];
  /** How it stands itself, where it has probes of its own. */
  standing?: Standing | undefined;
  /** How the edits that were applied before it stand, now that it is. */
  standings: readonly MeasuredStanding[];
}

/** Edits that change their status, and the vectors of those that come out otherwise. */
interface Restacked {
  status: EditSummary['status'];
  changed: readonly { id: number; probes: readonly ProbeResult[] }[];
  replayed: readonly { id: number; vectors: readonly VectorChange[] }[];
  /** How the edits that are applied afterwards stand then. */
  standings: readonly MeasuredStanding[];
}

const summary = z.object({
  id: z.number().int(),
  name: z.string(),
  operation: z.string(),
  status: z.enum(['applied', 'reverted']),
  created_at: z.string(),
  reverted_at: z.string().nullable(),
  neurons: z.number().int(),
  ...standingColumns,
});

export interface EditSummary {
  id: number;
  name: string;
  operation: string;
  status: 'applied' | 'reverted';
  createdAt: string;
  revertedAt: string | null;
  /** How many value vectors it changes. */
  neurons: number;
  /** How it stands in the model's present state; null for what is not applied, or has nothing to be measured. */
  standing: KnownStanding | null;
}

const stackRow = z.object({ revision: z.string(), digest: z.string() });

const anything = jsonColumn(z.unknown());
const detail = z.object({
  specification: anything,
  settings: anything.nullable(),
  localization_id: z.number().int().nullable(),
  versions: jsonColumn(z.record(z.string(), z.string())),
  outcome: anything,
});

const intent = z.object({ id: z.number().int(), name: z.string(), specification: anything });

export interface EditDetail extends EditSummary {
  specification: unknown;
  settings: unknown;
  localizationId: number | null;
  versions: Record<string, string>;
  outcome: unknown;
  vectors: StoredVector[];
  probes: Record<Phase, ProbeResult[]>;
}

const touchedBy = z.object({ layer: z.number(), neuron: z.number(), edits: jsonColumn(z.array(z.number())) });

/** A neuron, and the ids of the edits that change its value vector, the oldest first. */
export type TouchedBy = z.infer<typeof touchedBy>;

/** The applied edits and what they come to, as they were at one moment. */
interface RecordedStack {
  ids: number[];
  neurons: TouchedNeuron[];
  /** What they do to the neurons whose topmost vector is not stored, as `chains` gives it. */
  chains: Map<number, StoredVector[]>;
}

const SUMMARY = `SELECT id, name, operation, status, created_at, reverted_at, vectors AS neurons,
  state, kept, reached, prob_recorded, prob, measured_at
  FROM edits LEFT JOIN standings ON standings.edit_id = edits.id`;

export class Edits {
  /** @internal */
  constructor(private readonly file: LedgerFile) {}

  private get db() {
    return this.file.db;
  }

  /** All edits, newest first. */
  list(): EditSummary[] {
    return rows(summary, this.db.prepare(`${SUMMARY} ORDER BY id DESC`).all()).map(toSummary);
  }

  /** @throws ConflictError when there is no such edit */
  get(id: number): EditDetail {
    const found = this.db.prepare(`${SUMMARY} WHERE id = ?`).get(id);
    if (found === undefined) throw new ConflictError(`edit ${id}: is not in the ledger; see kn-edit history`);
    const rest = row(
      detail,
      this.db
        .prepare('SELECT specification, settings, localization_id, versions, outcome FROM edits WHERE id = ?')
        .get(id),
    );
    return {
      ...toSummary(row(summary, found)),
      specification: rest.specification,
      settings: rest.settings,
      localizationId: rest.localization_id,
      versions: rest.versions,
      outcome: rest.outcome,
      vectors: this.vectors(id),
      probes: readProbes(this.db, id),
    };
  }

  /** What some edits are meant to do, and their own probes (target and paraphrase), in the order of their ids. */
  intents(ids: readonly number[]): {
    id: number;
    name: string;
    specification: unknown;
    before: ProbeResult[];
    after: ProbeResult[];
  }[] {
    const found = this.db
      .prepare(
        'SELECT id, name, specification FROM edits WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
      )
      .all(JSON.stringify(ids));
    return rows(intent, found).map((edit) => ({ ...edit, ...this.ownProbes(edit.id) }));
  }

  private ownProbes(id: number): { before: ProbeResult[]; after: ProbeResult[] } {
    const { before, after } = readProbes(this.db, id, ['target', 'paraphrase']);
    return { before, after };
  }

  /** Name of an edit. @throws ConflictError when there is no such edit */
  name(id: number): string {
    const found = this.db.prepare('SELECT name FROM edits WHERE id = ?').get(id);
    if (found === undefined) throw new ConflictError(`edit ${id}: is not in the ledger; see kn-edit history`);
    return row(z.object({ name: z.string() }), found).name;
  }

  /** Ids of the applied edits, in the order in which they are replayed. */
  applied(): number[] {
    const ids = this.db.prepare("SELECT id FROM edits WHERE status = 'applied' ORDER BY id").all();
    return rows(z.object({ id: z.number().int() }), ids).map(({ id }) => id);
  }

  /** The applied edits and what they come to. @throws ConflictError when that is not what was recorded of them */
  stack(): RecordedStack {
    return this.db.transaction(() => {
      const [ids, neurons] = [this.applied(), touchedNeurons(this.db)];
      if (this.stackRow()?.digest !== digestStack(neurons)) {
        throw new ConflictError(
          'the ledger is damaged: its applied edits do not come to what was recorded of them; restore it from a copy',
        );
      }
      const open = neurons.filter(({ last }) => last.after === undefined).map(({ at }) => at);
      return { ids, neurons, chains: this.chains(open, ids) };
    })();
  }

  /** Changes whenever the applied edits do; undefined before the first one. */
  revision(): string | undefined {
    return this.stackRow()?.revision;
  }

  /** Value vectors of an edit, in the order in which they were located. */
  vectors(id: number): StoredVector[] {
    return vectorsOf(this.db, id);
  }

  /** What some edits do to some neurons, by the edit's id, in the order of the ids. */
  chains(neurons: readonly NeuronId[], ids: readonly number[]): Map<number, StoredVector[]> {
    return chainsOf(this.db, neurons, ids);
  }

  /** The applied edits that touch some of these neurons, in order, and how many of them each touches. */
  sharing(neurons: readonly NeuronId[]): { id: number; name: string; neurons: number }[] {
    const found = this.db
      .prepare(
        `SELECT edits.id, name, count(*) AS neurons FROM json_each(?) AS wanted
         JOIN value_vectors ON layer = wanted.value ->> 0 AND neuron = wanted.value ->> 1
         JOIN edits ON edits.id = edit_id
         WHERE status = 'applied' GROUP BY edits.id ORDER BY edits.id`,
      )
      .all(JSON.stringify(neurons));
    return rows(z.object({ id: z.number(), name: z.string(), neurons: z.number() }), found);
  }

  /** All edits that change a neuron's value vector, reverted ones too, newest first. */
  touching([layer, neuron]: NeuronId): Pick<EditSummary, 'id' | 'name' | 'operation' | 'status'>[] {
    const found = this.db
      .prepare(
        `SELECT edits.id, name, operation, status FROM edits JOIN value_vectors ON edit_id = edits.id
         WHERE layer = ? AND neuron = ? ORDER BY edits.id DESC`,
      )
      .all(layer, neuron);
    return rows(summary.pick({ id: true, name: true, operation: true, status: true }), found);
  }

  /** Every neuron that some edit changes, with the ids of those edits, reverted ones too, in the order of (layer, neuron). */
  touched(): TouchedBy[] {
    const found = this.db
      .prepare(
        `SELECT layer, neuron, json_group_array(edit_id) AS edits
         FROM value_vectors INDEXED BY value_vectors_by_neuron GROUP BY layer, neuron ORDER BY layer, neuron`,
      )
      .all();
    return rows(touchedBy, found).map((one) => ({ ...one, edits: one.edits.toSorted((a, b) => a - b) }));
  }

  /** The id that the next edit gets; those of a set speak of each other before they are recorded. */
  nextId(): number {
    const found = this.db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'edits'").get();
    return found === undefined ? 1 : 1 + row(z.object({ seq: z.number().int() }), found).seq;
  }

  /**
   * Records applied edits, in their order: all of them, or nothing.
   * @param expected the applied edits on which they were measured
   * @param first the id that the first one was taken to get, where they speak of each other by id
   * @returns their ids
   * @throws ConflictError when another process has changed the ledger since; InputError when a number of it is not finite
   */
  apply(records: readonly EditRecord[], expected: readonly number[], first?: number): number[] {
    records.forEach(expectFinite);
    return this.change(expected, () => {
      if (first !== undefined && this.nextId() !== first) throw changedMeanwhile();
      return records.map((record) => this.insert(record));
    });
  }

  private insert(record: EditRecord): number {
    const { lastInsertRowid } = this.db
      .prepare(
        `INSERT INTO edits (name, operation, status, specification, settings, localization_id, versions, outcome,
             created_at, vectors)
           VALUES (?, ?, 'applied', ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        record.name,
        record.operation,
        JSON.stringify(record.specification),
        record.settings === undefined ? null : JSON.stringify(record.settings),
        record.localizationId ?? null,
        JSON.stringify(record.versions),
        JSON.stringify(record.outcome),
        new Date().toISOString(),
        record.vectors.length,
      );
    const id = Number(lastInsertRowid);
    insertVectors(this.db, id, record.vectors);
    saveProbes(this.db, id, 'before', record.before);
    saveProbes(this.db, id, 'after', record.after);
    const own = record.standing ? [{ id, standing: record.standing }] : [];
    saveStandings(this.db, [...record.standings, ...own]);
    return id;
  }

  /**
   * Records that edits were taken back or put on again, and what the others came to when they were replayed.
   * @param expected the applied edits on which it was worked out
   * @throws ConflictError when another process has changed the ledger since
   */
  restack({ status, changed, replayed, standings }: Restacked, expected: readonly number[]): void {
    const mark = 'UPDATE edits SET status = ?, reverted_at = ? WHERE id = ?';
    const at = status === 'reverted' ? new Date().toISOString() : null;
    this.change(expected, () => {
      for (const { id, probes } of changed) {
        this.db.prepare(mark).run(status, at, id);
        saveProbes(this.db, id, status === 'reverted' ? 'revert' : 'redo', probes);
      }
      for (const { id, vectors } of replayed) updateVectors(this.db, id, vectors);
      saveStandings(this.db, standings);
    });
  }

  /** One step from one set of applied edits to the next. */
  private change<T>(expected: readonly number[], work: () => T): T {
    const revision = randomUUID();
    return this.file.write(
      () => {
        this.expectApplied(expected);
        const result = work();
        this.db
          .prepare('INSERT OR REPLACE INTO stack (id, revision, digest) VALUES (1, ?, ?)')
          .run(revision, digestStack(touchedNeurons(this.db)));
        return result;
      },
      () => this.revision() === revision,
    );
  }

  private stackRow(): z.infer<typeof stackRow> | undefined {
    const found = this.db.prepare('SELECT revision, digest FROM stack').get();
    return found === undefined ? undefined : row(stackRow, found);
  }

  /**
   * Keeps how the applied edits were found to stand, where the file can be written.
   * @param measured the applied edits of the state in which that was measured
   */
  keepStandings(standings: readonly MeasuredStanding[], measured: readonly number[]): void {
    this.file.cache(() => {
      if (this.applied().join() === measured.join()) saveStandings(this.db, standings);
    });
  }

  private expectApplied(expected: readonly number[]): void {
    if (this.applied().join() !== expected.join()) throw changedMeanwhile();
  }
}

function changedMeanwhile(): ConflictError {
  return new ConflictError(
    'another process changed the ledger in the meantime; nothing was recorded, run it again',
  );
}

/** @throws InputError that names the first number which cannot be recorded */
function expectFinite({ vectors, before, after }: EditRecord): void {
  const refuse = (what: string): never => {
    throw new InputError(`the edit cannot be recorded: ${what} is not a finite number`);
  };
  for (const vector of vectors) {
    const where = `of layer ${vector.at[0]}, neuron ${vector.at[1]}`;
    const { scale, alongNorm = [], shift = [], gain = 1 } = vector.change;
    if (![scale, gain, ...alongNorm, ...shift].every(Number.isFinite))
      refuse(`a factor or direction ${where}`);
    if (!vector.before.every(Number.isFinite)) refuse(`the value vector before the edit ${where}`);
    if (!vector.after.every(Number.isFinite)) refuse(`the value vector after the edit ${where}`);
  }
  for (const { prompt, prob, newProb = 0, oldProb = 0, kl = 0 } of [...before, ...after]) {
    if (![prob, newProb, oldProb, kl].every(Number.isFinite)) refuse(`a probability of "${prompt}"`);
  }
}

function toSummary(found: z.infer<typeof summary>): EditSummary {
  const { id, name, operation, status, neurons } = found;
  return {
    id,
    name,
    operation,
    status,
    createdAt: found.created_at,
    revertedAt: found.reverted_at,
    neurons,
    standing: toStanding(found),
  };
}
