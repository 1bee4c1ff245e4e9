// kill -9 at any moment: the ledger stays whole, and nothing that was reported as done is lost.
import { copyFileSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { seeded } from '../../src/random.js';
import { temporaryDirectory } from '../support/temporary.js';
import { checkLedgerFile, type Status, startWorker } from './workers.js';

const ROUNDS = Number(process.env.KN_EDIT_KILL_ROUNDS ?? 12);
const TIMEOUT = 60_000 + 10_000 * ROUNDS;

/** Calls back when a file whose name starts with that of `path` is written. */
function onWrite(path: string, callback: () => void): FSWatcher {
  return watch(dirname(path), (_, name) => {
    if (name?.startsWith(basename(path)) && !name.endsWith('-shm')) callback();
  });
}

/** Kills a worker after some lines: after a random time, or in the middle of what it writes next. */
async function killAtRandom(path: string, seed: number): Promise<string[]> {
  const random = seeded(seed);
  let linesLeft = Math.floor(4 * random());
  const inWrite = random() < 0.5;
  const delay = inWrite ? 8 * random() ** 2 : 5 + 145 * random();
  let watcher: FSWatcher | undefined;
  const kill = () => void setTimeout(delay).then(worker.kill);
  const worker = startWorker(path, seed, Number.MAX_SAFE_INTEGER, (line) => {
    if (line === 'conflict' || linesLeft-- !== 0) return;
    if (inWrite) watcher = onWrite(path, kill);
    else kill();
  });
  const code = await worker.ended;
  watcher?.close();
  expect({ code, stderr: worker.stderr() }).toEqual({ code: null, stderr: '' });
  return worker.lines;
}

function follow(known: Map<number, Status>, lines: readonly string[]): void {
  for (const line of lines) {
    const [what, id] = line.split(' ');
    if (id) known.set(Number(id), what === 'reverted' ? 'reverted' : 'applied');
  }
}

it(
  `survives ${ROUNDS} kills while edits come and go`,
  async () => {
    const path = join(temporaryDirectory(), 'ledger.db');
    let known = new Map<number, Status>();
    let reported = 0;
    let unreported = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const lines = await killAtRandom(path, round);
      reported += lines.filter((line) => line.includes(' ')).length;
      follow(known, lines);
      const found = await checkLedgerFile(path);
      for (const id of known.keys()) expect(found.has(id), `edit ${id} in round ${round}`).toBe(true);
      // At most the one operation that was under way may have come through unreported.
      const differing = [...found].filter(([id, status]) => known.get(id) !== status);
      expect(differing.length, `round ${round}: ${differing.join('; ')}`).toBeLessThanOrEqual(1);
      unreported += differing.length;
      known = found;
    }
    console.log(
      `${ROUNDS} kills, ${reported} operations reported, ${unreported} done but not reported, ` +
        `${known.size} edits whole, 0 lost`,
    );
  },
  TIMEOUT,
);

const VERSION_1 = new URL('../ledger/version-1.db', import.meta.url).pathname;

it.each([
  ['created', undefined],
  ['brought up to date', VERSION_1],
])(
  `survives ${ROUNDS} kills while a ledger is %s`,
  async (what, start) => {
    const directory = temporaryDirectory();
    const random = seeded(1);
    const edits = start ? 2 : 0;
    let unchanged = 0;
    let migrated = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const path = join(directory, `${round}.db`);
      if (start) copyFileSync(start, path);
      const delay = 80 * random() ** 3;
      const watcher = onWrite(path, () => void setTimeout(delay).then(worker.kill));
      const worker = startWorker(path, round, 1);
      await worker.ended;
      watcher.close();
      expect(worker.stderr()).toBe('');
      if (start) migrated += checkCopy(path);
      const known = new Map<number, Status>();
      follow(known, worker.lines);
      const found = await checkLedgerFile(path);
      for (const id of known.keys()) expect(found.has(id)).toBe(true);
      expect(found.size).toBeGreaterThanOrEqual(edits);
      if (found.size === edits) unchanged++;
    }
    console.log(
      `${ROUNDS} kills of a ledger that is ${what}, ${ROUNDS} ledgers open, ${unchanged} without a new edit` +
        (start ? `, ${migrated} at the new version` : ''),
    );
  },
  TIMEOUT,
);

/** A ledger of the new version has a sound copy of the old one beside it. @returns 1 for such a ledger, 0 for an old one */
function checkCopy(path: string): number {
  if (versionOf(path) === 1) return 0;
  expect(versionOf(`${path}.v1`)).toBe(1);
  return 1;
}

function versionOf(path: string): unknown {
  const db = new Database(path);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*) FROM edits').pluck().get()).toBeGreaterThanOrEqual(2);
    return db.pragma('user_version', { simple: true });
  } finally {
    db.close();
  }
}
