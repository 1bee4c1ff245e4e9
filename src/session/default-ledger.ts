// The ledger that is used when none is named: one for each model, in the working directory.
import { basename, join } from 'node:path';
import { isThere } from '../ledger/database.js';
import { Ledger } from '../ledger/ledger.js';
import { type Fingerprints, isModel } from '../lm/fingerprint.js';
import { LEDGERS } from '../spec/choices.js';

/** Enough of a fingerprint to tell models apart by. */
const DIGITS = 16;

/**
 * Path of a model's own ledger, whether it is there or not: named after its fingerprint. Where that is not there, one
 * that was made under an older rule and belongs to this model.
 * @param directory of the model, or its GGUF file
 * @throws InputError or ConflictError when it cannot be told whose such an older ledger is
 */
export function defaultLedger(model: Fingerprints, directory: string): string {
  const own = join(LEDGERS, `${model.fingerprint.slice(0, DIGITS)}.db`);
  if (isThere(own)) return own;
  const older = ['ledger.db', `${basename(directory)}.db`].map((name) => join(LEDGERS, name));
  return older.find((path) => isThere(path) && belongsTo(path, model)) ?? own;
}

function belongsTo(path: string, model: Fingerprints): boolean {
  const owner = Ledger.ownerOf(path);
  return owner !== undefined && isModel(model, owner.fingerprint);
}
