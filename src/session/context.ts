// What every step of the pipeline has at hand, and how it tells of its progress.
import { createHash } from 'node:crypto';
import { Background } from '../background/background.js';
import type { BackgroundStore } from '../background/store.js';
import type { Work } from '../background/work.js';
import type { ModelPool } from '../engine/pool/pool.js';
import type { TaskInput, TaskName, TaskOutput } from '../engine/pool/tasks.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ModelInfo } from '../lm/model-info.js';
import { type NeuronId, NO_OVERLAY, type Overlay } from '../lm/overlay.js';
import type { Attribution } from '../locate/score-map.js';
import type { ProbeResult } from '../probe/results.js';
import type { BaseFact } from '../spec/fact-base.js';
import { promptKey } from '../spec/prompts.js';
import { type AppliedEdit, factsAsEdited, inForce, readAppliedEdits } from './applied-edits.js';

/** How far some long work has come. */
export interface Progress {
  stage:
    | 'load'
    | 'ask'
    | 'text'
    | 'covariance'
    | 'background'
    | 'locate'
    | 'flows'
    | 'probe'
    | 'operate'
    | 'control'
    | 'check'
    | 'export'
    | 'download'
    | 'sweep'
    | 'relations';
  /** Steps; bytes for `download`. */
  done: number;
  total: number;
  /** The file that is being downloaded; of a set, the one whose edit is worked out. */
  file?: string | undefined;
  /** Of a sweep, once it can be told. */
  pace?: Pace | undefined;
}

/** How fast the facts of a sweep are done. */
export interface Pace {
  perSecond: number;
  secondsLeft: number;
  /** Facts that failed. */
  failed: number;
}

/** What a caller can give to every long operation. */
export interface Control {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Is told what is worth knowing beside the result: a choice that was made, an old form that was accepted. */
  onNote?: ((text: string) => void) | undefined;
  /** Is shown the score map of each of a fact's prompts as it comes; `index` is the prompt's. */
  onMap?: ((index: number, map: Attribution) => void) | undefined;
  /** Is shown an edit's probes as soon as they are measured, while its controls still run. */
  onMeasured?: ((before: readonly ProbeResult[], after: readonly ProbeResult[]) => void) | undefined;
}

/** An edit of a set that was worked out, and is recorded with the rest of the set. @internal */
export interface Pending {
  edit: AppliedEdit;
  /** Whose value vectors it changes. */
  neurons: readonly NeuronId[];
}

/**
 * A model in a state: its base with the applied edits of a ledger. What is marked internal stays out of the package's
 * types, where it would bring in those of tfjs and of SQLite.
 */
export class Context {
  /** @internal */
  constructor(
    /** @internal */ readonly pool: ModelPool,
    readonly model: ModelInfo,
    /** Absent for work that ignores the ledger, or when there is none yet. @internal */
    readonly ledger: Ledger | undefined,
    /** Ids of the applied edits, in order. */
    readonly applied: readonly number[],
    /** What they come to. */
    readonly overlay: Overlay,
    /** The model's fact base, or else what its background has of facts that it knows; empty where there is neither. */
    readonly facts: readonly BaseFact[],
    readonly control: Control,
    /** Where its background is kept. @internal */
    readonly store: BackgroundStore,
    /** Edits of a set, in order, which the overlay has besides the applied ones. @internal */
    readonly pending: readonly Pending[] = [],
  ) {}

  /** The edits, applied or pending, that have a fact, without those whose fact was edited again. @internal */
  get edits(): readonly AppliedEdit[] {
    this.read ??= inForce([
      ...(this.ledger ? readAppliedEdits(this.ledger, this.applied) : []),
      ...this.pending.map(({ edit }) => edit),
    ]);
    return this.read;
  }

  private read: AppliedEdit[] | undefined;
  private edited: BaseFact[] | undefined;

  /** The edit in force that was made for a prompt. @internal */
  editOf(prompt: string): AppliedEdit | undefined {
    const key = promptKey(prompt);
    return this.edits.find(({ keys }) => keys.has(key));
  }

  /** The fact base as the applied edits leave it: what the model, as edited, is meant to answer. */
  get expected(): readonly BaseFact[] {
    this.edited ??= factsAsEdited(this.facts, this.edits);
    return this.edited;
  }

  /** Does a task in this state of the model. @internal */
  run<K extends TaskName>(
    task: K,
    input: TaskInput<K>,
    overlay: Overlay = this.overlay,
  ): Promise<TaskOutput<K>> {
    return this.pool.run(task, input, { overlay, signal: this.control.signal });
  }

  /** The same model without its edits. */
  base(): Context {
    return this.with({ applied: [], overlay: NO_OVERLAY, pending: [] });
  }

  /** The state that another edit of a set leaves. @internal */
  after(edit: Pending, overlay: Overlay): Context {
    return this.with({ overlay, pending: [...this.pending, edit] });
  }

  /** The same, for work on one file of several, which it names when it tells of its progress. @internal */
  workingOn(file: string): Context {
    const { control } = this;
    const onProgress = (progress: Progress) => control.onProgress?.({ ...progress, file });
    return this.with({ control: { ...control, onProgress } });
  }

  /**
   * The same state for work of which nothing is recorded or cached, and which tells of its progress by itself. @internal
   */
  detached(): Context {
    const { pool, model, overlay, facts, store } = this;
    const { signal } = this.control;
    const pending = this.edits.map((edit): Pending => ({ edit, neurons: [] }));
    return new Context(pool, model, undefined, [], overlay, facts, { signal }, store, pending);
  }

  private with(change: Partial<Pick<Context, 'applied' | 'overlay' | 'control' | 'pending'>>): Context {
    const { pool, model, ledger, facts, store } = this;
    const { applied, overlay, control, pending } = { ...this, ...change };
    return new Context(pool, model, ledger, applied, overlay, facts, control, store, pending);
  }

  /** What is known of the base beside its weights and facts. @internal */
  get background(): Background {
    return new Background(this.store, this.work, this.facts);
  }

  /** What a background is made with. @internal */
  get work(): Work {
    const base = this.base();
    return {
      model: this.model,
      run: (task, input) => base.run(task, input),
      progress: (stage, done, total) => base.progress(stage, done, total),
    };
  }

  /** Fingerprint of the base and the applied edits. */
  get state(): string {
    const { fingerprint } = this.model;
    if (this.overlay.id === '') return fingerprint;
    return createHash('sha256').update(fingerprint).update(this.overlay.id).digest('hex');
  }

  note(text: string): void {
    this.control.onNote?.(text);
  }

  progress(stage: Progress['stage'], done: number, total: number): void {
    this.control.onProgress?.({ stage, done, total });
  }
}
