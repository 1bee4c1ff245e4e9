// Dry runs at hand: an edit that was just measured is recorded as it was measured, unless what it rests on has changed.
import { hashOf } from '../hash.js';
import type { EditFile } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import type { Context } from './context.js';
import type { ApplyOptions, Evaluated, JudgedEdit } from './evaluate.js';

/** Digits of a hash of which none is left out. */
const WHOLE = 64;

/** What a measurement rests on, as hashes: the state of the model, and what was asked for. */
export interface Basis {
  state: string;
  asked: string;
}

/** The name of an edit decides nothing of what is measured; nor does what is allowed afterwards. */
export function basisOf(
  { ledger, state, applied }: Context,
  edit: EditFile,
  settings: LocateSettings,
  { whatIf, control, seeds, doses, driftLimit, perplexityLimit }: ApplyOptions,
): Basis {
  const asked = { ...edit, name: '' };
  return {
    state: hashOf([ledger?.path, state, applied], WHOLE),
    asked: hashOf(
      [asked, settings, whatIf === true, control, seeds, doses, driftLimit, perplexityLimit],
      WHOLE,
    ),
  };
}

/** Bytes of value vectors up to which a dry run is kept: whole layers of large models are measured again. */
const LARGEST = 64e6;

/** What was measured, by the result that was given out; kept for as long as that is. */
export class MeasuredEdits<R extends JudgedEdit> {
  private readonly kept = new WeakMap<JudgedEdit, { basis: Basis; evaluated: Evaluated<R> }>();

  keep(basis: Basis, evaluated: Evaluated<R>): void {
    const { vectors } = evaluated.record;
    const bytes = vectors.reduce((sum, { before, after }) => sum + before.byteLength + after.byteLength, 0);
    if (bytes <= LARGEST) this.kept.set(evaluated.result, { basis, evaluated });
  }

  /** @returns why it has to be measured again, in words, where it has to be */
  find(result: JudgedEdit, wanted: Basis): Evaluated<R> | string {
    const found = this.kept.get(result);
    if (!found) return 'it was not kept';
    const { basis, evaluated } = found;
    if (basis.state !== wanted.state) return 'the ledger has changed since it was tried';
    return basis.asked === wanted.asked ? evaluated : 'the edit or its settings are others than were tried';
  }
}
