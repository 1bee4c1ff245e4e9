// A ledger of an older version: brought up to date with a copy beside it, or left as it was.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { MIGRATIONS } from '../../src/ledger/migrations.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Written by the first version: edit 1 is applied, edit 2 is reverted. */
const VERSION_1 = new URL('version-1.db', import.meta.url).pathname;

const KEY = { state: 'state', prompt: 'A [MASK].', target: '172', rule: 'adaptive-0.001', site: 'post' };

function oldLedger(): string {
  const path = join(temporaryDirectory(), 'ledger.db');
  copyFileSync(VERSION_1, path);
  return path;
}

/** Everything in a file: its version, its schema and all rows. */
function contents(path: string): unknown {
  const db = new Database(path, { readonly: true });
  const schema = db.prepare('SELECT name, type, sql FROM sqlite_schema ORDER BY name').all();
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const rows = tables.map((name) => db.prepare(`SELECT * FROM "${name}"`).all());
  const found = { version: db.pragma('user_version', { simple: true }), schema, rows };
  db.close();
  return found;
}

it('keeps every edit, and the old file beside the new one', () => {
  const path = oldLedger();
  const ledger = Ledger.open(path);
  expect(ledger.edits.list().map(({ id, status }) => [id, status])).toEqual([
    [2, 'reverted'],
    [1, 'applied'],
  ]);
  const [first] = ledger.edits.vectors(1);
  expect(ledger.edits.sharing(first ? [first.at] : [])).toEqual([{ id: 1, name: 'random of 5', neurons: 1 }]);
  ledger.close();
  expect(readdirSync(join(path, '..')).sort()).toEqual(['ledger.db', 'ledger.db.v1']);
  expect(contents(`${path}.v1`)).toEqual(contents(VERSION_1));
  expect(contents(path)).toMatchObject({ version: 9 });
});

it('keeps the cached score maps', () => {
  const path = oldLedger();
  const db = new Database(path);
  const scores = Buffer.from(new Float32Array([0.5, -1]).buffer);
  db.prepare('INSERT INTO score_maps VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    ...['state', 'A [MASK].', 172, 'adaptive-0.001', 'post', 0.25, scores, '[]'],
  );
  db.close();
  const ledger = Ledger.open(path);
  expect(ledger.scoreMaps.info()).toMatchObject({ maps: 1, bytes: scores.length + '[]'.length });
  expect(ledger.scoreMaps.get(KEY)).toEqual({
    prob: 0.25,
    scores: new Float32Array([0.5, -1]),
    completeness: [],
  });
  const map = { prob: 1, scores: new Float32Array(2), completeness: [] };
  ledger.scoreMaps.keep([[{ ...KEY, target: '172 9' }, map]]);
  expect(ledger.scoreMaps.get({ ...KEY, target: '172 9' })?.prob).toBe(1);
  ledger.close();
});

it('makes no copy of a ledger that is up to date', () => {
  const path = join(temporaryDirectory(), 'ledger.db');
  for (let i = 0; i < 2; i++) {
    const ledger = Ledger.open(path);
    ledger.scoreMaps.keep([[KEY, { prob: 1, scores: new Float32Array(2), completeness: [] }]]);
    ledger.close();
  }
  expect(readdirSync(join(path, '..'))).toEqual(['ledger.db']);
});

/** The ledger as the version before factors left it. */
function ledgerOfVersion6(change = ''): string {
  const path = oldLedger();
  const db = new Database(path);
  for (const step of MIGRATIONS.slice(1, 6)) {
    if (typeof step === 'string') db.exec(step);
    else step(db);
  }
  db.pragma('user_version = 6');
  db.exec(change);
  db.close();
  return path;
}

it('knows what applied edits come to, whether they were recorded before changes were stored as factors', () => {
  const ledger = Ledger.open(ledgerOfVersion6());
  const { ids, neurons, chains } = ledger.edits.stack();
  expect(ids).toEqual([1]);
  expect(neurons).toHaveLength(5);
  expect(neurons.every(({ first, last }) => first.before && last.after)).toBe(true);
  expect(chains.size).toBe(0);
  ledger.close();
});

it('does not take for sound what was not before', () => {
  const ledger = Ledger.open(ledgerOfVersion6("UPDATE edits SET status = 'applied'"));
  expect(() => ledger.edits.stack()).toThrow('do not come to what was recorded');
  ledger.close();
});

it('changes nothing when the copy cannot be kept', () => {
  const path = oldLedger();
  mkdirSync(join(`${path}.v1`, 'in the way'), { recursive: true });
  expect(() => Ledger.open(path)).toThrow(InputError);
  expect(() => Ledger.open(path)).toThrow(`${path}.v1: the copy of the older ledger cannot be written`);
  expect(contents(path)).toEqual(contents(VERSION_1));
  expect(existsSync(`${path}.v1.tmp`)).toBe(false);
});
