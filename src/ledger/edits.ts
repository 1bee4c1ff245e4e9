// Edits: what was done, to which vectors, what it showed, and whether it still holds.
import { z } from 'zod';
import { ConflictError } from '../errors.js';
import { type NeuronId, vectorBytes, vectorHash } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { ProbeResult } from '../probe/results.js';
import type { VectorChange } from '../surgery/replay.js';
import type { Connection } from './database.js';
import { floats, jsonColumn, row, rows } from './rows.js';

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
  vectors: readonly (VectorChange & Pick<LocatedNeuron, 'share' | 'meanScore'>)[];
  before: readonly ProbeResult[];
  after: readonly ProbeResult[];
}

/** Edits that change their status, and the vectors of those that come out otherwise. */
export interface Restacked {
  status: EditSummary['status'];
  changed: readonly { id: number; probes: readonly ProbeResult[] }[];
  replayed: readonly { id: number; vectors: readonly VectorChange[] }[];
}

const summary = z.object({
  id: z.number().int(),
  name: z.string(),
  operation: z.string(),
  status: z.enum(['applied', 'reverted']),
  created_at: z.string(),
  reverted_at: z.string().nullable(),
  neurons: z.number().int(),
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
}

const anything = jsonColumn(z.unknown());
const detail = z.object({
  specification: anything,
  settings: anything.nullable(),
  localization_id: z.number().int().nullable(),
  versions: jsonColumn(z.record(z.string(), z.string())),
  outcome: anything,
});

const vectorRow = z.object({
  layer: z.number().int(),
  neuron: z.number().int(),
  share: z.number(),
  mean_score: z.number(),
  scale: z.number(),
  along_norm: floats.nullable(),
  shift: floats.nullable(),
  before: floats,
  before_sha256: z.string(),
  after: floats,
  after_sha256: z.string(),
});

const severalIds = jsonColumn(z.array(z.number().int().nonnegative()).min(1)).nullable();
const answer = z.object({ id: z.number(), token: z.string(), prob: z.number() });
const probeRow = z.object({
  phase: z.enum(['before', 'after', 'revert', 'redo']),
  role: z.enum(['target', 'paraphrase', 'neighborhood', 'unrelated']),
  prompt: z.string(),
  expect: z.string(),
  expect_id: z.number().int(),
  expect_ids: severalIds,
  prob: z.number(),
  rank: z.number().int(),
  new_id: z.number().int().nullable(),
  new_ids: severalIds,
  new_prob: z.number().nullable(),
  new_rank: z.number().int().nullable(),
  old_id: z.number().int().nullable(),
  old_ids: severalIds,
  old_prob: z.number().nullable(),
  kl: z.number().nullable(),
  top: jsonColumn(z.array(answer)),
});

export type Phase = z.infer<typeof probeRow>['phase'];

/** A value vector of a stored edit, with its place in the localization and its hashes. */
export interface StoredVector extends VectorChange {
  share: number;
  meanScore: number;
  beforeSha256: string;
  afterSha256: string;
}

export interface EditDetail extends EditSummary {
  specification: unknown;
  settings: unknown;
  localizationId: number | null;
  versions: Record<string, string>;
  outcome: unknown;
  vectors: StoredVector[];
  probes: Record<Phase, ProbeResult[]>;
}

const SUMMARY = `SELECT id, name, operation, status, created_at, reverted_at,
  (SELECT count(*) FROM value_vectors WHERE edit_id = edits.id) AS neurons FROM edits`;

export class Edits {
  /** @internal */
  constructor(private readonly db: Connection) {}

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
      probes: this.probes(id),
    };
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

  /** The applied edits with their vectors, as they were at one moment. */
  stack(): { ids: number[]; vectors: StoredVector[][] } {
    return this.db.transaction(() => {
      const ids = this.applied();
      return { ids, vectors: ids.map((id) => this.vectors(id)) };
    })();
  }

  /** Value vectors of an edit, in the order in which they were located. */
  vectors(id: number): StoredVector[] {
    const found = this.db
      .prepare(
        `SELECT layer, neuron, share, mean_score, scale, along_norm, shift, before, before_sha256, after, after_sha256
         FROM value_vectors WHERE edit_id = ? ORDER BY ordinal`,
      )
      .all(id);
    return rows(vectorRow, found).map((one) => {
      if (vectorHash(one.before) !== one.before_sha256 || vectorHash(one.after) !== one.after_sha256) {
        throw new ConflictError(
          `the ledger is damaged: edit ${id}, layer ${one.layer}, neuron ${one.neuron}: the bytes do not match their hash`,
        );
      }
      return {
        at: [one.layer, one.neuron],
        change: { scale: one.scale, alongNorm: one.along_norm ?? undefined, shift: one.shift ?? undefined },
        before: one.before,
        after: one.after,
        share: one.share,
        meanScore: one.mean_score,
        beforeSha256: one.before_sha256,
        afterSha256: one.after_sha256,
      };
    });
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

  /**
   * Records an applied edit: all of it, or nothing.
   * @param expected the applied edits on which it was measured
   * @throws ConflictError when another process has changed the ledger since
   */
  apply(record: EditRecord, expected: readonly number[]): number {
    return this.db
      .transaction(() => {
        this.expectApplied(expected);
        const { lastInsertRowid } = this.db
          .prepare(
            `INSERT INTO edits (name, operation, status, specification, settings, localization_id, versions, outcome, created_at)
             VALUES (?, ?, 'applied', ?, ?, ?, ?, ?, ?)`,
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
          );
        const id = Number(lastInsertRowid);
        const insert = this.db.prepare(
          `INSERT INTO value_vectors (edit_id, ordinal, layer, neuron, share, mean_score, scale, along_norm, shift,
             before, before_sha256, after, after_sha256)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        );
        record.vectors.forEach(
          ({ at: [layer, neuron], share, meanScore, change, before, after }, ordinal) => {
            insert.run(
              id,
              ordinal,
              layer,
              neuron,
              share,
              meanScore,
              change.scale,
              change.alongNorm ? vectorBytes(change.alongNorm) : null,
              change.shift ? vectorBytes(change.shift) : null,
              vectorBytes(before),
              vectorHash(before),
              vectorBytes(after),
              vectorHash(after),
            );
          },
        );
        this.saveProbes(id, 'before', record.before);
        this.saveProbes(id, 'after', record.after);
        return id;
      })
      .immediate();
  }

  /**
   * Records that edits were taken back or put on again, and what the others came to when they were replayed.
   * @param expected the applied edits on which it was worked out
   * @throws ConflictError when another process has changed the ledger since
   */
  restack({ status, changed, replayed }: Restacked, expected: readonly number[]): void {
    this.db
      .transaction(() => {
        this.expectApplied(expected);
        const mark = this.db.prepare('UPDATE edits SET status = ?, reverted_at = ? WHERE id = ?');
        const update = this.db.prepare(
          `UPDATE value_vectors SET before = ?, before_sha256 = ?, after = ?, after_sha256 = ?
           WHERE edit_id = ? AND layer = ? AND neuron = ?`,
        );
        for (const { id, probes } of changed) {
          mark.run(status, status === 'reverted' ? new Date().toISOString() : null, id);
          this.saveProbes(id, status === 'reverted' ? 'revert' : 'redo', probes);
        }
        for (const { id, vectors } of replayed) {
          for (const {
            at: [layer, neuron],
            before,
            after,
          } of vectors) {
            const bytes = [vectorBytes(before), vectorHash(before), vectorBytes(after), vectorHash(after)];
            update.run(...bytes, id, layer, neuron);
          }
        }
      })
      .immediate();
  }

  private expectApplied(expected: readonly number[]): void {
    if (this.applied().join() !== expected.join()) {
      throw new ConflictError(
        'another process changed the ledger in the meantime; nothing was recorded, run it again',
      );
    }
  }

  private probes(id: number): Record<Phase, ProbeResult[]> {
    const found = this.db
      .prepare(
        `SELECT phase, role, prompt, expect, expect_id, expect_ids, prob, rank,
           new_id, new_ids, new_prob, new_rank, old_id, old_ids, old_prob, kl, top
         FROM probes WHERE edit_id = ? ORDER BY ordinal`,
      )
      .all(id);
    const result: Record<Phase, ProbeResult[]> = { before: [], after: [], revert: [], redo: [] };
    for (const one of rows(probeRow, found)) {
      result[one.phase].push({
        role: one.role,
        prompt: one.prompt,
        expect: one.expect,
        expectId: one.expect_id,
        ...(one.expect_ids && { expectIds: one.expect_ids }),
        prob: one.prob,
        rank: one.rank,
        ...(one.new_id !== null && {
          newId: one.new_id,
          ...(one.new_ids && { newIds: one.new_ids }),
          newProb: one.new_prob ?? 0,
          newRank: one.new_rank ?? 0,
          oldId: one.old_id ?? 0,
          ...(one.old_ids && { oldIds: one.old_ids }),
          oldProb: one.old_prob ?? 0,
        }),
        ...(one.kl !== null && { kl: one.kl }),
        top: one.top,
      });
    }
    return result;
  }

  private saveProbes(id: number, phase: Phase, probes: readonly ProbeResult[]): void {
    this.db.prepare('DELETE FROM probes WHERE edit_id = ? AND phase = ?').run(id, phase);
    const insert = this.db.prepare(
      'INSERT INTO probes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    probes.forEach((one, ordinal) => {
      insert.run(
        id,
        phase,
        ordinal,
        one.role,
        one.prompt,
        one.expect,
        one.expectId,
        one.prob,
        one.rank,
        one.newId ?? null,
        one.newProb ?? null,
        one.newRank ?? null,
        one.oldId ?? null,
        one.oldProb ?? null,
        one.kl ?? null,
        JSON.stringify(one.top),
        idsColumn(one.expectIds),
        idsColumn(one.newIds),
        idsColumn(one.oldIds),
      );
    });
  }
}

/** Token ids, where an answer has several. */
function idsColumn(ids: readonly number[] | undefined): string | null {
  return ids ? JSON.stringify(ids) : null;
}

function toSummary({ created_at, reverted_at, ...rest }: z.infer<typeof summary>): EditSummary {
  return { ...rest, createdAt: created_at, revertedAt: reverted_at };
}
