// A look at everything in a ledger: SQLite's checks of the file, what every command checks when it reads an edit, and the
// replay of the applied edits on the base, from the first to the last.
import { setImmediate } from 'node:timers/promises';
import { errorData, InterruptedError } from '../errors.js';
import type { EditDetail } from '../ledger/edits.js';
import { checkIntegrity } from '../ledger/integrity.js';
import type { Ledger } from '../ledger/ledger.js';
import { translate } from '../ledger/sqlite-errors.js';
import { isModel } from '../lm/fingerprint.js';
import { type NeuronId, neuronKey, vectorHash } from '../lm/overlay.js';
import { applyChange } from '../surgery/change.js';
import type { Context, Control } from './context.js';
import { measuredEdit } from './outcome.js';
import { checkEdit, doesNotFit, readStack, readVectors } from './state.js';

/** What was found in a ledger. */
export interface LedgerCheck {
  /** What is wrong, in words; empty when it is sound. */
  complaints: string[];
  /** Whether the applied edits were replayed on the base; not where the model is another one, or was not loaded. */
  replayed: boolean;
}

/**
 * @param base the model without its edits, where it could be loaded
 * @throws InterruptedError when the signal fires
 */
export async function checkLedger(
  ledger: Ledger,
  base: Context | undefined,
  { signal }: Control,
): Promise<LedgerCheck> {
  const complaints = await checkIntegrity(ledger.path, signal);
  const attempt = async (work: () => Promise<void> | void) => {
    try {
      await work();
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      complaints.push(errorData(translate(ledger.path, error)).message.replace(`${ledger.path}: `, ''));
    }
  };
  let own = base;
  await attempt(() => {
    const owner = ledger.owner();
    if (!owner || !base || isModel(base.model, owner.fingerprint)) return;
    complaints.push(`belongs to the model ${owner.name} (${owner.fingerprint.slice(0, 12)})`);
    own = undefined;
  });
  const chain = new Chain(own);
  await attempt(async () => {
    for (const { id, neurons } of ledger.edits.list().reverse()) {
      await setImmediate(); // a signal may have come
      if (signal?.aborted) throw new InterruptedError();
      await attempt(async () => {
        const edit = ledger.edits.get(id);
        measuredEdit(edit);
        if (edit.vectors.length !== neurons) {
          complaints.push(`edit ${id}: has ${edit.vectors.length} value vectors of ${neurons}`);
        }
        if (own) checkEdit(edit.vectors, id, own.model);
        await chain.add(edit);
      });
    }
    if (own) await readStack(ledger, own);
  });
  return { complaints: [...new Set(complaints)], replayed: own !== undefined };
}

/** The applied edits so far, replayed one on the other. */
class Chain {
  /** What they come to, by neuron key; without the vector where neither the base nor the ledger has one. */
  private readonly current = new Map<string, { sha256: string; vector: Float32Array | undefined }>();

  /** @param base without one, the lowest edit of each neuron is believed */
  constructor(private readonly base: Context | undefined) {}

  /** @throws ConflictError when an edit does not do what is recorded of it, or not on what lies below it */
  async add({ id, status, vectors }: EditDetail): Promise<void> {
    if (status === 'applied') await this.look(vectors.map(({ at }) => at));
    for (const { at, change, before, beforeSha256, afterSha256 } of vectors) {
      const below = status === 'applied' ? this.current.get(neuronKey(at)) : undefined;
      if (below && below.sha256 !== beforeSha256) throw doesNotFit(id, at);
      const found = before ?? below?.vector;
      const vector = found && applyChange(found, change);
      if (vector && vectorHash(vector) !== afterSha256) throw doesNotFit(id, at);
      if (status === 'applied') this.current.set(neuronKey(at), { sha256: afterSha256, vector });
    }
  }

  /** The base's vectors of neurons that no edit has touched so far. */
  private async look(neurons: NeuronId[]): Promise<void> {
    if (!this.base) return;
    const fresh = neurons.filter((at) => !this.current.has(neuronKey(at)));
    const found = await readVectors(this.base, fresh, this.base.overlay);
    for (const [key, vector] of found) this.current.set(key, { sha256: vectorHash(vector), vector });
  }
}
