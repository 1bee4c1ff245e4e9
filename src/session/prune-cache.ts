// Making the ledger's cache of score maps smaller.
import type { Ledger } from '../ledger/ledger.js';
import type { CachedMaps } from '../ledger/score-maps.js';

/** What became of the cache; the shape that scripts read. */
export interface PrunedCache {
  /** The ledger. */
  path: string;
  before: CachedMaps & { fileBytes: number };
  after: CachedMaps & { fileBytes: number };
}

/** @param bytes that maps may go on taking @throws SQLite's errors; InputError when nothing can be written */
export function pruneCache(ledger: Ledger, bytes: number): PrunedCache {
  const look = () => ({ ...ledger.scoreMaps.info(), fileBytes: ledger.bytes });
  const before = look();
  ledger.scoreMaps.prune(bytes);
  return { path: ledger.path, before, after: look() };
}
