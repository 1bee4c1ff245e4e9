// The cache of score maps: by state of the model, prompt, target, rule and site. It has a limit: of what goes beyond it, that
// which was not used for longest makes room.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { vectorBytes } from '../lm/overlay.js';
import type { Attribution } from '../locate/score-map.js';
import { parseBytes } from '../spec/bytes.js';
import type { LedgerFile } from './database.js';
import { floats, jsonColumn, row, rows } from './rows.js';
import { isBusy } from './sqlite-errors.js';

export interface ScoreMapKey {
  /**
   * Fingerprint of base and applied edits. A map is of no other state: every score of it is a gradient of P(target), in
   * which all layers have a part, those above the neuron by what they make of it, those below by what reaches it.
   */
  state: string;
  prompt: string;
  /** Token ids, with spaces between them. */
  target: string;
  /** Rule with its steps or tolerance. */
  rule: string;
  site: string;
}

/** What is cached. */
export interface CachedMaps {
  maps: number;
  bytes: number;
  /** Bytes that they may take. */
  limit: number;
}

const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const completeness = z.array(z.object({ sum: number, delta: number, residual: number, nodes: z.number() }));
const id = z.number().int();
const stored = z.object({
  id,
  used: z.number(),
  prob: z.number(),
  scores: floats,
  completeness: jsonColumn(completeness),
});
const held = z.object({ id, bytes: z.number() });
const total = z.object({ maps: z.number(), bytes: z.number() });

/** How long nothing is kept after another program was found to be writing. */
const PAUSE_MS = 2000;
/** Bytes that maps may take unless KN_EDIT_CACHE_LIMIT says otherwise: 7,000 maps of BERT-base. */
const LIMIT = 1e9;
/** What is removed in one step, at most, in bytes and in maps: edits wait for it. */
const PORTION = { bytes: 32e6, maps: 1000 };
/** All maps are counted whenever as many bytes were kept: less than a portion, so that their number falls. */
const COUNTED_EVERY = PORTION.bytes / 4;
/** A use is noted when the one before is older. */
const RECENT_MS = 3_600_000;

/** @throws InputError when the environment's limit is no size */
export function cacheLimit(): number {
  const given = process.env.KN_EDIT_CACHE_LIMIT;
  return given ? parseBytes('KN_EDIT_CACHE_LIMIT', given) : LIMIT;
}

export class ScoreMaps {
  /** In milliseconds of `performance.now()`. */
  private busyUntil = 0;
  /** Maps that were used, and are not noted as such yet. */
  private readonly used = new Set<number>();
  /** Bytes that were kept since all were last counted. */
  private uncounted = Number.POSITIVE_INFINITY;

  /** @internal */
  constructor(
    private readonly file: LedgerFile,
    private readonly limit = cacheLimit(),
  ) {}

  get(key: ScoreMapKey): Attribution | undefined {
    const found = this.file.db
      .prepare(
        `SELECT id, used_at AS used, prob, scores, completeness FROM score_maps JOIN score_map_uses ON map_id = id
         WHERE state = @state AND prompt = @prompt AND target = @target AND rule = @rule AND site = @site`,
      )
      .get(key);
    if (found === undefined) return undefined;
    const { id, used, ...map } = row(stored, found);
    if (Math.abs(Date.now() - used) > RECENT_MS) this.used.add(id);
    return map;
  }

  /**
   * Keeps maps, in one step: every step waits for the disk. Not while another program is writing, since they can be
   * computed again.
   * @throws InputError when a number of theirs is not finite
   */
  keep(maps: readonly (readonly [ScoreMapKey, Attribution])[]): void {
    const rows = maps.map(([key, { prob, scores, completeness: rest }]) => {
      if (!Number.isFinite(prob) || !scores.every(Number.isFinite)) {
        throw new InputError(
          `the score map of "${key.prompt}" is not finite; are the model's weights sound?`,
        );
      }
      return { ...key, prob, scores: vectorBytes(scores), completeness: JSON.stringify(rest) };
    });
    this.attempt(() => {
      const { db } = this.file;
      const insert = db.prepare(
        `INSERT INTO score_maps (state, prompt, target, rule, site, prob, scores, completeness)
         VALUES (@state, @prompt, @target, @rule, @site, @prob, @scores, @completeness)
         ON CONFLICT DO UPDATE SET prob = @prob, scores = @scores, completeness = @completeness RETURNING id`,
      );
      const use = db.prepare(
        'INSERT OR REPLACE INTO score_map_uses (map_id, used_at, bytes) VALUES (?, ?, ?)',
      );
      for (const one of rows) {
        const bytes = one.scores.length + one.completeness.length;
        use.run(row(z.object({ id }), insert.get(one)).id, Date.now(), bytes);
        this.uncounted += bytes;
      }
      this.writeUses();
      if (this.uncounted < COUNTED_EVERY) return;
      this.uncounted = 0;
      this.removePortion(this.limit);
    });
  }

  /** Notes which maps were used, where that can be written. */
  noteUses(): void {
    if (this.used.size > 0) this.attempt(() => this.writeUses());
  }

  /** What is cached. */
  info(): CachedMaps {
    return { ...this.count(), limit: this.limit };
  }

  /**
   * Removes what was not used for longest, until no more bytes are left than that, and gives the room back to the disk.
   * @throws SQLite's errors; InputError when nothing can be written
   */
  prune(bytes: number): void {
    while (this.count().bytes > bytes) this.file.write(() => this.removePortion(bytes));
    this.file.compact();
  }

  private count(): { maps: number; bytes: number } {
    const query = 'SELECT count(*) AS maps, coalesce(sum(bytes), 0) AS bytes FROM score_map_uses';
    return row(total, this.file.db.prepare(query).get());
  }

  /** Removes the oldest of what goes beyond that, a portion of it at most. Part of a write. */
  private removePortion(bytes: number): void {
    const { db } = this.file;
    const all = this.count().bytes;
    const least = Math.max(bytes, all - PORTION.bytes);
    if (all <= least) return;
    const oldest = db.prepare(
      'SELECT map_id AS id, bytes FROM score_map_uses ORDER BY used_at, map_id LIMIT ?',
    );
    const forget = db.prepare('DELETE FROM score_map_uses WHERE map_id = ?');
    const remove = db.prepare('DELETE FROM score_maps WHERE id = ?');
    let left = all;
    for (const one of rows(held, oldest.all(PORTION.maps))) {
      if (left <= least) break;
      forget.run(one.id);
      remove.run(one.id);
      left -= one.bytes;
    }
  }

  private writeUses(): void {
    const use = this.file.db.prepare('UPDATE score_map_uses SET used_at = ? WHERE map_id = ?');
    for (const one of this.used) use.run(Date.now(), one);
    this.used.clear();
  }

  /** Writes what can be had again, unless another program is writing. */
  private attempt(work: () => void): void {
    if (performance.now() < this.busyUntil) return;
    try {
      this.file.cache(work);
    } catch (error) {
      if (!isBusy(error)) throw error;
      this.busyUntil = performance.now() + PAUSE_MS;
    }
  }
}
