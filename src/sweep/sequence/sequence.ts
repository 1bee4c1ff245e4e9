// A sequential sweep: each edit is made in the model that those before it left, and stays there. After every tenth, and after the
// last, all of them are asked again. What is done of it is taken from the run, so that it goes on where it was.
import { extendOverlay } from '../../lm/overlay.js';
import { asApplied } from '../../session/applied-edits.js';
import type { Context } from '../../session/context.js';
import { withMethod } from '../../spec/edit-file.js';
import { editOf, type Workshop } from '../compute.js';
import type { SweepJob } from '../job.js';
import type { Outcome } from '../outcome.js';
import type { RunFile } from '../run-file.js';
import type { Claim, JobStore } from '../store.js';
import { checkSequence, type MadeEdit } from './check.js';
import type { LeftEdit } from './left-edit.js';
import { EVERY } from './lines.js';

export class Sequence implements JobStore {
  private readonly made: MadeEdit[] = [];
  private readonly keys: string[] = [];
  private state: Context;

  /** @param start what the first edit is computed with */
  constructor(
    private readonly start: Workshop,
    private readonly run: RunFile,
  ) {
    this.state = start.context;
    for (const { job, left } of run.edits()) this.add(job, left);
  }

  /** What the next edit is computed with. */
  get workshop(): Workshop {
    return { ...this.start, context: this.state };
  }

  async claim(): Promise<Claim | undefined> {
    if (this.made.length % EVERY === 0) await this.check();
    const claim = await this.run.claim();
    if (!claim) await this.check();
    return claim;
  }

  async settle(outcomes: readonly Outcome[]): Promise<void> {
    await this.run.settle(outcomes);
    for (const one of outcomes) if ('left' in one && one.left) this.add(one.job, one.left);
  }

  release(jobs: readonly SweepJob[]): Promise<void> {
    return this.run.release(jobs);
  }

  private add(job: SweepJob, { before, after, vectors }: LeftEdit): void {
    const { model, overlay } = this.state;
    const given = withMethod(editOf(job, this.start.task), model.causal);
    const edit = asApplied({ id: this.made.length + 1, name: given.name }, given, before, after);
    const neighbors = before.filter(({ role }) => role === 'neighborhood');
    this.made.push({ place: job.place, edit, neighbors });
    this.keys.push(job.key);
    this.state = this.state.after(
      { edit, neurons: vectors.map(({ at }) => at) },
      extendOverlay(overlay, vectors),
    );
  }

  /** Asks all edits so far, unless that was done. */
  private async check(): Promise<void> {
    if (this.keys.length === 0 || this.run.check(this.keys)) return;
    this.run.keepCheck(this.keys, await checkSequence(this.start.context, this.state, this.made));
  }
}
