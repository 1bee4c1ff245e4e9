// A run's SQLite file: its jobs and their results. One process at a time holds it; the system takes the lock away when that
// ends, however it ends. With a rollback journal, which needs no memory that processes share, it is safe on network file systems.
import { resolve } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { ConflictError, systemReason } from '../errors.js';
import { type Connection, compressedText, jsonColumn, row, rows } from '../ledger/rows.js';
import { cannotBeWritten, isBusy, translate } from '../ledger/sqlite-errors.js';
import { createEmpty } from '../ledger/writable.js';
import { jobSchema, type SweepJob, type SweepTask } from './job.js';
import type { Counts } from './manifest.js';
import type { Outcome } from './outcome.js';
import { knownSchema, type SweepFailure } from './result.js';
import { openPart, type RunPart } from './run-part.js';
import { APPLICATION_ID, atWork, BUSY_MS, expectRun, isEmpty, RUN, SCHEMA, VERSION } from './run-schema.js';
import { columnsOf, type LeftEdit, leftColumns } from './sequence/left-edit.js';
import { checkSchema, EVERY, type SequenceCheck } from './sequence/lines.js';
import { BASE, upon } from './sequence/stack.js';
import { type Claim, type JobStore, TRIES } from './store.js';

const claimed = z.object({ key: z.string(), job: jsonColumn(jobSchema) });
const failure = z.object({
  job: jsonColumn(jobSchema),
  kind: z.enum(['input', 'crash']),
  tries: z.number().int(),
  message: z.string(),
});
const counted = z.object({ state: z.string(), count: z.number().int() });
const known = z.object({ result: compressedText.pipe(jsonColumn(knownSchema)) });
const kept = z.object({ place: z.number().int(), result: compressedText });
const value = z.object({ value: z.string() });
const standing = z.object({
  key: z.string(),
  place: z.number().int(),
  state: z.string(),
  beneath: z.string().nullable(),
});
const under = z.object({ key: z.string(), beneath: z.string() });
const leftEdit = z.object({ job: jsonColumn(jobSchema) }).and(leftColumns);

export class RunFile implements JobStore {
  /** What the jobs are of, once they are planned. */
  private task: SweepTask | undefined;

  private constructor(
    readonly path: string,
    private readonly db: Connection,
  ) {}

  /**
   * Opens a run, or makes it.
   * @throws ConflictError when another sweep holds it, or it is no run; InputError when it cannot be written
   */
  static open(path: string): RunFile {
    let db: Connection | undefined;
    try {
      createEmpty(resolve(path));
      db = new Database(resolve(path), { timeout: BUSY_MS });
      return new RunFile(path, prepared(path, db));
    } catch (error) {
      db?.close();
      if (isBusy(error)) throw atWork(path);
      const translated = translate(path, error, RUN);
      if (translated !== error || error instanceof ConflictError) throw translated;
      throw cannotBeWritten(path, systemReason(error), RUN);
    }
  }

  close(): void {
    this.db.close();
  }

  /**
   * Takes these jobs for what is to be done. Of those that are known, what became of them stays; those that nobody asks for
   * any more are forgotten, but not their results, nor that they failed.
   * @param retry what failed is tried again
   * @returns how many facts that were done are not asked for any more
   */
  plan(task: SweepTask, groups: readonly (readonly SweepJob[])[], retry: boolean): number {
    this.task = task;
    return this.write(() => {
      this.db.exec(`
        CREATE TEMP TABLE before AS SELECT key, state, tries, kind, message FROM jobs UNION ALL
          SELECT key, 'failed', tries, kind, message FROM failures WHERE key NOT IN (SELECT key FROM jobs);
        CREATE UNIQUE INDEX temp.before_key ON before (key);
        DELETE FROM jobs;
        DELETE FROM failures;
      `);
      const insert = this.db.prepare(
        `INSERT INTO jobs (key, place, grouped, job, state, tries, kind, message)
         SELECT @key, @place, @group, @job,
           CASE WHEN EXISTS (SELECT 1 FROM results WHERE key = @key) THEN 'done'
             WHEN before.state = 'failed' AND NOT @retry THEN 'failed' ELSE 'waiting' END,
           CASE WHEN before.state = 'failed' AND @retry THEN 0
             -- What was sent to workers elsewhere is not what ended this program.
             WHEN before.state = 'sent' THEN before.tries - 1 ELSE coalesce(before.tries, 0) END,
           before.kind, before.message
         FROM (SELECT 1) LEFT JOIN before ON before.key = @key`,
      );
      for (const [group, jobs] of groups.entries()) {
        for (const job of jobs) {
          const { key, place } = job;
          insert.run({ key, place, group, job: JSON.stringify(job), retry: Number(retry) });
        }
      }
      const gone = this.db
        .prepare(`SELECT count(*) FROM before WHERE state = 'done' AND key NOT IN (SELECT key FROM jobs)`)
        .pluck()
        .get();
      this.db.exec(`
        INSERT INTO failures SELECT key, tries, kind, message FROM before
          WHERE state = 'failed' AND key NOT IN (SELECT key FROM jobs);
        DROP TABLE before;
      `);
      // What was claimed when its sweep ended, and that for the last time.
      this.db
        .prepare(
          `UPDATE jobs SET state = 'failed', kind = 'crash', message = ? WHERE state = 'waiting' AND tries >= ?`,
        )
        .run(`the program ended each time while it was computed, ${TRIES} times`, TRIES);
      if (task.sequential) this.forgetMadeOtherwise();
      return Number(gone);
    });
  }

  /** What was made upon others than the edits that are done before it is to be made again, and all that stands behind. */
  private forgetMadeOtherwise(): void {
    const found = this.db
      .prepare('SELECT key, place, state, beneath FROM jobs LEFT JOIN made USING (key) ORDER BY place')
      .all();
    let stack = BASE;
    const first = this.rows(standing, found).find(({ key, state, beneath }) => {
      if (state === 'failed') return false;
      const stays = state === 'done' && beneath === stack;
      stack = upon(stack, key);
      return !stays;
    });
    if (!first) return;
    this.db
      .prepare(
        `UPDATE jobs SET state = 'waiting', tries = 0, kind = NULL, message = NULL
           WHERE state IN ('done', 'failed') AND place >= ?`,
      )
      .run(first.place);
    this.db.exec(`
      DELETE FROM results WHERE key IN (SELECT key FROM jobs WHERE state = 'waiting');
      DELETE FROM made WHERE key IN (SELECT key FROM jobs WHERE state = 'waiting');
    `);
  }

  /** What lies beneath an edit at some place: those that are done before it. */
  private beneath(place: number): string {
    const last = this.db
      .prepare(
        `SELECT key, beneath FROM jobs JOIN made USING (key) WHERE state = 'done' AND place < ?
           ORDER BY place DESC LIMIT 1`,
      )
      .get(place);
    if (last === undefined) return BASE;
    const { key, beneath } = this.row(under, last);
    return upon(beneath, key);
  }

  /**
   * A group that was not tried yet; then, one by one, what was: one of them may have been what ended a worker. Of a sequential
   * sweep the next one, whether it was tried or not.
   * @param as whether this program computes it, or a worker to which it is sent
   */
  async claim(as: 'claimed' | 'sent' = 'claimed'): Promise<Claim | undefined> {
    const { task } = this;
    if (!task) throw new Error('nothing was planned');
    const jobs = this.write(() => {
      const untried = task.sequential
        ? []
        : this.db
            .prepare(
              `SELECT key, job FROM jobs WHERE state = 'waiting' AND tries = 0 AND grouped =
                 (SELECT min(grouped) FROM jobs WHERE state = 'waiting' AND tries = 0) ORDER BY place`,
            )
            .all();
      const order = task.sequential ? 'place' : 'tries, place';
      const found =
        untried.length > 0
          ? untried
          : this.db
              .prepare(`SELECT key, job FROM jobs WHERE state = 'waiting' ORDER BY ${order} LIMIT 1`)
              .all();
      const claim = this.db.prepare(`UPDATE jobs SET state = ?, tries = tries + 1 WHERE key = ?`);
      return this.rows(claimed, found).map(({ key, job }) => {
        claim.run(as, key);
        return { ...job, located: this.located(job) };
      });
    });
    return jobs.length > 0 ? { task, jobs } : undefined;
  }

  private located({ locating }: SweepJob): SweepJob['located'] {
    const found = locating && this.db.prepare('SELECT result FROM results WHERE key = ?').get(locating);
    if (!found) return undefined;
    return this.row(known, found).result;
  }

  async settle(outcomes: readonly Outcome[]): Promise<void> {
    this.write(() => {
      const keep = this.db.prepare('INSERT OR REPLACE INTO results (key, result) VALUES (?, ?)');
      const keepEdit = this.db.prepare(
        'INSERT OR REPLACE INTO made (key, beneath, probes, vectors) VALUES (?, ?, ?, ?)',
      );
      const done = this.db.prepare(
        `UPDATE jobs SET state = 'done', kind = NULL, message = NULL WHERE key = ?`,
      );
      const fail = this.db.prepare(
        `UPDATE jobs SET kind = @kind, message = @message,
           state = CASE WHEN @kind = 'crash' AND tries < @most THEN 'waiting' ELSE 'failed' END WHERE key = @key`,
      );
      for (const outcome of outcomes) {
        const { key, place } = outcome.job;
        if ('result' in outcome) {
          const { place: _, ...result } = outcome.result;
          keep.run(key, deflateRawSync(JSON.stringify(result, shortNumbers)));
          if (outcome.left) {
            const { probes, vectors } = columnsOf(outcome.left);
            keepEdit.run(key, this.beneath(place), probes, vectors);
          }
          done.run(key);
        } else {
          fail.run({ key, ...outcome.failure, most: TRIES });
        }
      }
    });
  }

  async release(jobs: readonly SweepJob[]): Promise<void> {
    this.write(() => {
      const release = this.db.prepare(
        `UPDATE jobs SET state = 'waiting', tries = tries - 1 WHERE key = ? AND state IN ('claimed', 'sent')`,
      );
      for (const { key } of jobs) release.run(key);
    });
  }

  counts(): Counts {
    const found = this.rows(
      counted,
      this.db.prepare('SELECT state, count(*) AS count FROM jobs GROUP BY state').all(),
    );
    const of = (state: string) => found.find((one) => one.state === state)?.count ?? 0;
    return { waiting: of('waiting') + of('claimed') + of('sent'), done: of('done'), failed: of('failed') };
  }

  /** The lines of results.jsonl, in the order of the set. */
  *resultLines(): Generator<string> {
    const found = this.db
      .prepare('SELECT place, result FROM jobs JOIN results USING (key) ORDER BY place')
      .iterate();
    for (const one of found) {
      const { place, result } = this.row(kept, one);
      yield `{"place":${place},${result.slice(1)}`;
    }
  }

  /** The edits of a sequential sweep that are made, in their order. */
  *edits(): Generator<{ job: SweepJob; left: LeftEdit }> {
    const found = this.db
      .prepare(
        `SELECT job, probes, vectors FROM jobs JOIN made USING (key) WHERE state = 'done' ORDER BY place`,
      )
      .iterate();
    for (const one of found) {
      const { job, ...left } = this.row(leftEdit, one);
      yield { job, left };
    }
  }

  /** How the edits with these keys stand together, where that was asked. */
  check(keys: readonly string[]): SequenceCheck | undefined {
    return this.kept(`check ${keys.reduce(upon, BASE)}`, checkSchema);
  }

  keepCheck(keys: readonly string[], check: SequenceCheck): void {
    this.keep(`check ${keys.reduce(upon, BASE)}`, check);
  }

  /** The lines of sequence.jsonl. */
  *checkLines(): Generator<string> {
    const made = this.db.prepare(`SELECT key FROM jobs WHERE state = 'done' ORDER BY place`).pluck().all();
    const keys = z.array(z.string()).parse(made);
    const ended = this.counts().waiting === 0;
    for (let count = 1; count <= keys.length; count++) {
      if (count % EVERY !== 0 && !(ended && count === keys.length)) continue;
      const check = this.check(keys.slice(0, count));
      if (check) yield JSON.stringify(check, shortNumbers);
    }
  }

  /** What failed, in the order of the set. */
  failures(): SweepFailure[] {
    const found = this.db
      .prepare(`SELECT job, kind, tries, message FROM jobs WHERE state = 'failed' ORDER BY place`)
      .all();
    return this.rows(failure, found).map(({ job, ...rest }) => {
      const { key, place, id, fact } = job;
      return { key, place, id, relation: fact.relation, subject: fact.subject, ...rest };
    });
  }

  /** What was kept under a name, if it is of the form that is expected. */
  kept<T extends z.ZodType>(name: string, schema: T): z.infer<T> | undefined {
    const found = this.db.prepare('SELECT value FROM kept WHERE name = ?').get(name);
    if (found === undefined) return undefined;
    const { data } = jsonColumn(schema).safeParse(this.row(value, found).value);
    return data as z.infer<T> | undefined;
  }

  keep(name: string, what: unknown): void {
    this.write(() => {
      this.db
        .prepare('INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)')
        .run(name, JSON.stringify(what));
    });
  }

  /**
   * Becomes what some other runs are together, in place of the jobs that it had: all of it, or nothing.
   * @throws InputError when one of them is not there or not whole; ConflictError when a sweep is at work there
   */
  unite(parts: readonly RunPart[]): void {
    this.write(() => {
      this.db.exec('DELETE FROM jobs');
      for (const part of parts) this.absorb(part);
      // In one of them done, in another not.
      this.db.exec(
        `UPDATE jobs SET state = 'done', kind = NULL, message = NULL WHERE key IN (SELECT key FROM results)`,
      );
    });
  }

  private absorb(part: RunPart): void {
    const other = openPart(part);
    try {
      const columns = 'key, place, grouped, job, state, tries, kind, message';
      const job = this.db.prepare(`INSERT OR REPLACE INTO jobs (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
      for (const one of other.prepare(`SELECT ${columns} FROM jobs`).raw().iterate()) job.run(one);
      const result = this.db.prepare('INSERT OR REPLACE INTO results (key, result) VALUES (?, ?)');
      const results = 'SELECT key, result FROM results JOIN jobs USING (key)';
      for (const one of other.prepare(results).raw().iterate()) result.run(one);
    } finally {
      other.close();
    }
  }

  private row<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
    return row(schema, value, `${this.path}: the run`);
  }

  private rows<T extends z.ZodType>(schema: T, values: unknown[]): z.infer<T>[] {
    return rows(schema, values, `${this.path}: the run`);
  }

  private write<T>(work: () => T): T {
    try {
      return this.db.transaction(work).immediate();
    } catch (error) {
      throw translate(this.path, error, RUN);
    }
  }
}

/** Takes hold of the file, and makes it a run if it is empty. */
function prepared(path: string, db: Connection): Connection {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = TRUNCATE');
  db.pragma('synchronous = FULL');
  db.transaction(() => {
    if (isEmpty(db)) {
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${VERSION}`);
    } else expectRun(path, db);
    db.exec(SCHEMA);
  }).exclusive();
  return db;
}

/** Six digits of a measurement say all that it can. */
export function shortNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
