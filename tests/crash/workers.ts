// Starts worker.mjs, keeps its lines, and looks whether the ledger that it left is whole.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { Session } from 'kn-edit';
import { expect } from 'vitest';

const WORKER = new URL('worker.mjs', import.meta.url).pathname;

/** A running worker. */
export interface Worker {
  lines: string[];
  stderr: () => string;
  /** Its exit code, once all that it printed was read; null when it was killed. */
  ended: Promise<number | null>;
  kill: () => void;
}

export function startWorker(
  db: string,
  seed: number,
  operations: number,
  onLine: (line: string) => void = () => {},
): Worker {
  const child = spawn(process.execPath, [WORKER, db, String(seed), String(operations)]);
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { lines, stderr: () => stderr, ended, kill: () => void child.kill('SIGKILL') };
}

/** Of kn-mini. */
const [LAYERS, NEURONS] = [4, 512];

export type Status = 'applied' | 'reverted';

/**
 * Checks the file, every edit's vectors against their hashes, and that the applied edits replay on the base.
 * @returns the status of every edit
 */
export async function checkLedgerFile(path: string): Promise<Map<number, Status>> {
  const db = new Database(path);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
  } finally {
    db.close();
  }
  const session = new Session({ db: path });
  try {
    const history = session.history();
    expect(await session.checkLedger()).toMatchObject({ complaints: [] });
    for (const { id, neurons, operation } of history) {
      const { vectors, before, after } = session.show(id);
      expect(vectors.length).toBeGreaterThan(0);
      expect(vectors).toHaveLength(neurons);
      if (operation === 'patch') continue; // is not measured
      expect(before.length).toBeGreaterThan(0);
      expect(after).toHaveLength(before.length);
    }
    checkMaps(path);
    const answer = await session.probe('The capital of France is [MASK].', undefined, 1);
    expect(answer.top).toHaveLength(1);
    return new Map(history.map(({ id, status }) => [id, status]));
  } finally {
    await session.close();
  }
}

/** Every score map in the cache is whole. */
function checkMaps(path: string): void {
  const db = new Database(path, { readonly: true });
  const maps = db.prepare('SELECT length(scores), json_array_length(completeness) FROM score_maps').raw();
  for (const sizes of maps.all()) expect(sizes).toEqual([4 * LAYERS * NEURONS, LAYERS]);
  db.close();
}
