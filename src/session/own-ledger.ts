// The ledger that a session works with: the one that was named, else the model's own. It is opened when it is first asked
// for, and again when another file lies at its path.
import { Ledger } from '../ledger/ledger.js';
import { translate } from '../ledger/sqlite-errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import { LEDGERS } from '../spec/choices.js';
import { defaultLedger } from './default-ledger.js';
import { findModel } from './find-model.js';
import { fingerprintsIn } from './stored-fingerprints.js';

/** `info`, wherever it is asked for: the model, where it is loaded. @internal */
export class OwnLedger {
  private ledger: Ledger | undefined;
  /** Ledgers that were deleted or replaced while they were open: work that is under way may still need them. */
  private readonly outdated: Ledger[] = [];
  /** The path of the model's own ledger, once it was asked for. */
  private ownPath: string | undefined;

  /** @param named path of the ledger, @param model what the session was told of the model */
  constructor(
    private readonly named: string | undefined,
    private readonly model: string | undefined,
  ) {}

  close(): void {
    for (const ledger of [...this.outdated, this.ledger]) ledger?.close();
  }

  /** Its path; undefined where none was named and the model is not known yet. */
  get known(): string | undefined {
    return this.named ?? (process.env.KN_EDIT_DB || this.ownPath);
  }

  /** Its path. @throws InputError when it is the model's own, and there is no such model */
  path(info: ModelInfo | undefined): string {
    if (this.known !== undefined) return this.known;
    const { directory } = findModel(this.model);
    this.ownPath = defaultLedger(info ?? fingerprintsIn(directory), directory);
    return this.ownPath;
  }

  /** What lies at the ledger's path now; where nothing does, undefined unless something may be written there. */
  open(info: ModelInfo | undefined, creates: boolean): Ledger | undefined {
    if (this.ledger?.isCurrent === false) {
      this.outdated.push(this.ledger);
      this.ledger = undefined;
    }
    this.ledger ??= Ledger.open(this.path(info));
    return creates || this.ledger.exists ? this.ledger : undefined;
  }

  /** Looks at the ledger, whosever it is; undefined when there is none. */
  look<T>(info: ModelInfo | undefined, work: (ledger: Ledger) => T): T | undefined {
    try {
      const ledger = this.open(info, false);
      return ledger && work(ledger);
    } catch (error) {
      throw this.inWords(error);
    }
  }

  /** Reads a ledger that is the model's, where the model is known. */
  read<T>(info: ModelInfo | undefined, work: (ledger: Ledger) => T): T | undefined {
    return this.look(info, (ledger) => {
      if (info) ledger.claim(info);
      return work(ledger);
    });
  }

  /** What the user should know, once. */
  takeNotes(): string[] {
    return [...this.outdated, this.ledger].flatMap((ledger) => ledger?.takeNotes() ?? []);
  }

  /** SQLite's errors in words, with the ledger's path; any other error as it is. */
  inWords(error: unknown): unknown {
    return translate(this.ledger?.path ?? this.known ?? LEDGERS, error);
  }
}
