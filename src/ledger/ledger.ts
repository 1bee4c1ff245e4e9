// The ledger: one SQLite file that belongs to one model and holds what was located, changed and measured.
import { z } from 'zod';
import { ConflictError } from '../errors.js';
import { isModel } from '../lm/fingerprint.js';
import type { ModelInfo } from '../lm/model-info.js';
import { LedgerFile, peek } from './database.js';
import { Edits } from './edits.js';
import { Localizations } from './localizations.js';
import { type Connection, row } from './rows.js';
import { ScoreMaps } from './score-maps.js';

const modelRow = z.object({ fingerprint: z.string(), name: z.string() });

/** The model that a ledger belongs to. */
export type Owner = z.infer<typeof modelRow>;

export class Ledger {
  readonly edits: Edits;
  readonly localizations: Localizations;
  readonly scoreMaps: ScoreMaps;

  private constructor(private readonly file: LedgerFile) {
    this.edits = new Edits(file);
    this.localizations = new Localizations(file);
    this.scoreMaps = new ScoreMaps(file);
  }

  /** The ledger at `path`; its file is made when something is first written. @throws as `LedgerFile.open` does */
  static open(path: string): Ledger {
    return new Ledger(LedgerFile.open(path));
  }

  get path(): string {
    return this.file.path;
  }

  /** Whether what lies at the path now is what was opened. */
  get isCurrent(): boolean {
    return this.file.isCurrent;
  }

  /** Whether there is a file. */
  get exists(): boolean {
    return this.file.exists;
  }

  /** Its size on disk. */
  get bytes(): number {
    return this.file.bytes;
  }

  /** What the user should know, once. */
  takeNotes(): string[] {
    return this.file.notes.splice(0);
  }

  /** @throws InputError when it is known that nothing can be written */
  expectWritable(): void {
    this.file.expectWritable();
  }

  /**
   * Makes this the ledger of a model: of the first one that writes into it.
   * @throws ConflictError when it belongs to another one
   */
  claim(model: ModelInfo): void {
    const owner = this.expectOwner(model);
    this.file.onWrite = () => this.own(model);
    if (!owner || owner.fingerprint === model.fingerprint) return;
    this.file.notes.push(
      `${this.path}: is of a time when tokenizer_config.json was no part of a model's fingerprint; it is taken to be ` +
        `${model.name}'s as it is now`,
    );
    this.file.cache(() => undefined); // from now on it is
  }

  /** The model that the ledger belongs to, once there is one. */
  owner(): Owner | undefined {
    return ownerIn(this.file.db);
  }

  /** The owner of a ledger that is not opened. @throws as `open` does */
  static ownerOf(path: string): Owner | undefined {
    return peek(path, ownerIn);
  }

  close(): void {
    try {
      this.scoreMaps.noteUses();
    } catch {
      // What was used may be forgotten; the ledger may have been deleted, or be another model's by now.
    }
    this.file.close();
  }

  private expectOwner(model: ModelInfo): Owner | undefined {
    const owner = this.owner();
    if (!owner || isModel(model, owner.fingerprint)) return owner;
    throw new ConflictError(
      `${this.path}: belongs to the model ${owner.name} (${owner.fingerprint.slice(0, 12)}), ` +
        `not to ${model.name} (${model.fingerprint.slice(0, 12)}); choose another --db, or --base to ignore it`,
    );
  }

  /** Part of every write: another process may have been the first. */
  private own(model: ModelInfo): void {
    const owner = this.expectOwner(model);
    const { fingerprint, name, family, layers, neurons, hidden } = model;
    if (owner?.fingerprint === fingerprint) return;
    if (owner) {
      this.file.db.prepare('UPDATE models SET fingerprint = ?').run(fingerprint);
      return;
    }
    this.file.db
      .prepare(
        `INSERT INTO models (fingerprint, name, family, layers, neurons, hidden, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(fingerprint, name, family, layers, neurons, hidden, new Date().toISOString());
  }
}

function ownerIn(db: Connection): Owner | undefined {
  const found = db.prepare('SELECT fingerprint, name FROM models').get();
  return found === undefined ? undefined : row(modelRow, found);
}
