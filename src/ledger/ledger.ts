// The ledger: one SQLite file that belongs to one model and holds what was located, changed and measured.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { ConflictError } from '../errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import { type Connection, openDatabase } from './database.js';
import { Edits } from './edits.js';
import { Localizations } from './localizations.js';
import { row, rows } from './rows.js';
import { ScoreMaps } from './score-maps.js';

const modelRow = z.object({ fingerprint: z.string(), name: z.string() });

export class Ledger {
  readonly edits: Edits;
  readonly localizations: Localizations;
  readonly scoreMaps: ScoreMaps;

  private constructor(
    readonly path: string,
    private readonly db: Connection,
  ) {
    this.edits = new Edits(db);
    this.localizations = new Localizations(db);
    this.scoreMaps = new ScoreMaps(db);
  }

  /** Opens the ledger at `path`, creating it if need be. @throws InputError, ConflictError (see `openDatabase`) */
  static open(path: string): Ledger {
    return new Ledger(path, openDatabase(path));
  }

  /** Opens the ledger at `path` if there is one. */
  static openExisting(path: string): Ledger | undefined {
    return existsSync(path) ? Ledger.open(path) : undefined;
  }

  /**
   * Makes this the ledger of a model; the first model that comes owns it.
   * @throws ConflictError when it belongs to another one
   */
  claim(model: ModelInfo): void {
    if (this.owner()?.fingerprint === model.fingerprint) return; // no lock for what only reads
    this.db.transaction(() => this.claimOnce(model)).immediate();
  }

  private claimOnce(model: ModelInfo): void {
    const owner = this.owner();
    if (owner && owner.fingerprint !== model.fingerprint) {
      throw new ConflictError(
        `${this.path}: belongs to the model ${owner.name} (${owner.fingerprint.slice(0, 12)}), ` +
          `not to ${model.name} (${model.fingerprint.slice(0, 12)}); choose another --db, or --base to ignore it`,
      );
    }
    if (owner) return;
    const { fingerprint, name, family, layers, neurons, hidden } = model;
    this.db
      .prepare(
        `INSERT OR IGNORE INTO models (fingerprint, name, family, layers, neurons, hidden, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(fingerprint, name, family, layers, neurons, hidden, new Date().toISOString());
  }

  /** The model that the ledger belongs to, once there is one. */
  owner(): { fingerprint: string; name: string } | undefined {
    const found = this.db.prepare('SELECT fingerprint, name FROM models').get();
    return found === undefined ? undefined : row(modelRow, found);
  }

  /** Complaints of SQLite's integrity and foreign key checks; empty when the file is sound. */
  check(): string[] {
    const integrity = rows(z.object({ integrity_check: z.string() }), this.pragma('integrity_check'));
    const keys = rows(z.object({ table: z.string() }), this.pragma('foreign_key_check'));
    return [
      ...integrity.map((one) => one.integrity_check).filter((text) => text !== 'ok'),
      ...keys.map(({ table }) => `${table}: a row refers to one that is not there`),
    ];
  }

  private pragma(name: string): unknown[] {
    const found = this.db.pragma(name);
    return Array.isArray(found) ? found : [];
  }

  close(): void {
    this.db.close();
  }
}
