// The cache of score maps: it keeps within its limit, what was used last stays, and edits are never in its way.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import { Ledger } from '../../src/ledger/ledger.js';
import type { ScoreMapKey } from '../../src/ledger/score-maps.js';
import { temporaryDirectory } from '../support/temporary.js';

const FLOATS = 1000;
/** What one map takes: its scores, and "[]". */
const BYTES = 4 * FLOATS + 2;
const HOURS = 3_600_000;

const keyOf = (prompt: number): ScoreMapKey => {
  return { state: 'state', prompt: `${prompt} [MASK]`, target: '7', rule: 'adaptive-0.001', site: 'post' };
};
const mapOf = (prompt: number) => {
  return { prob: 0.5, scores: new Float32Array(FLOATS).fill(prompt), completeness: [] };
};

let path: string;
let time: number;
beforeEach(() => {
  path = join(temporaryDirectory(), 'ledger.db');
  time = 1e12;
  vi.spyOn(Date, 'now').mockImplementation(() => time);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function withLedger<T>(work: (ledger: Ledger) => T): T {
  const ledger = Ledger.open(path);
  try {
    return work(ledger);
  } finally {
    ledger.close();
  }
}

/** Keeps one map after the other, an hour apart. */
function keepEach(ledger: Ledger, prompts: readonly number[]): void {
  for (const prompt of prompts) {
    time += HOURS;
    ledger.scoreMaps.keep([[keyOf(prompt), mapOf(prompt)]]);
  }
}

const kept = (ledger: Ledger, prompts: readonly number[]) =>
  prompts.filter((prompt) => ledger.scoreMaps.get(keyOf(prompt)));

describe('the cache of score maps', () => {
  it('counts what it holds, each map once', () => {
    withLedger((ledger) => {
      expect(ledger.scoreMaps.info()).toEqual({ maps: 0, bytes: 0, limit: 1e9 });
      keepEach(ledger, [1, 2, 2]);
      expect(ledger.scoreMaps.info()).toEqual({ maps: 2, bytes: 2 * BYTES, limit: 1e9 });
      expect(ledger.scoreMaps.get(keyOf(2))).toEqual(mapOf(2));
    });
  });

  it('is pruned of what was not used for longest, and the file becomes smaller by it', () => {
    const all = Array.from({ length: 200 }, (_, i) => i);
    withLedger((ledger) => keepEach(ledger, all));
    time += 2 * HOURS;
    withLedger((ledger) => expect(kept(ledger, [0, 7])).toEqual([0, 7])); // which is a use
    time += 2 * HOURS;
    const before = statSync(path).size;
    withLedger((ledger) => {
      ledger.scoreMaps.prune(5 * BYTES);
      expect(kept(ledger, all)).toEqual([0, 7, 197, 198, 199]);
      expect(ledger.scoreMaps.info().bytes).toBe(5 * BYTES);
    });
    expect(before - statSync(path).size).toBeGreaterThan(190 * BYTES);
    withLedger((ledger) => ledger.scoreMaps.prune(0));
    withLedger((ledger) => expect(ledger.scoreMaps.info().maps).toBe(0));
  });

  it('keeps within the limit of the environment by itself, a portion at a time', () => {
    vi.stubEnv('KN_EDIT_CACHE_LIMIT', '100KB');
    const large = { prob: 1, scores: new Float32Array(2.5e6), completeness: [] }; // 10 MB
    withLedger((ledger) => {
      keepEach(ledger, [1, 2, 3]);
      for (let i = 0; i < 3; i++) {
        time += HOURS;
        ledger.scoreMaps.keep([[{ ...keyOf(0), prompt: `large ${i}` }, large]]);
      }
      expect(ledger.scoreMaps.info().bytes).toBeLessThanOrEqual(100_000);
      expect(kept(ledger, [1, 2, 3])).toEqual([]);
    });
  });

  it('refuses a limit that is no size', () => {
    vi.stubEnv('KN_EDIT_CACHE_LIMIT', 'plenty');
    expect(() => Ledger.open(path)).toThrow(InputError);
    expect(() => Ledger.open(path)).toThrow('KN_EDIT_CACHE_LIMIT: "plenty" is no size');
  });

  it('gives way to who is writing, when maps are kept, used and left', () => {
    withLedger((ledger) => keepEach(ledger, [1]));
    time += 2 * HOURS;
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    withLedger((ledger) => {
      expect(ledger.scoreMaps.get(keyOf(1))).toEqual(mapOf(1));
      ledger.scoreMaps.keep([[keyOf(2), mapOf(2)]]);
      expect(kept(ledger, [1, 2])).toEqual([1]);
      expect(() => ledger.scoreMaps.prune(0)).toThrow('locked');
    });
    other.exec('COMMIT');
    other.close();
    withLedger((ledger) => expect(kept(ledger, [1, 2])).toEqual([1]));
  });
});
