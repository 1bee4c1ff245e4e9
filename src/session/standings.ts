// How the applied edits stand: their own probes, measured in one state of the model and in the next.
import type { MeasuredStanding } from '../ledger/standings.js';
import type { Overlay } from '../lm/overlay.js';
import { type ProbeResult, type Regression, worstFirst } from '../probe/results.js';
import { everythingOf, lossesOf, type Standing, standingOf } from '../probe/standing.js';
import type { Tolerance } from '../spec/edit-file.js';
import type { AppliedEdit } from './applied-edits.js';
import type { Context } from './context.js';
import { type EncodedProbe, encodeRecorded, measureIfFinite } from './measure.js';

/** An applied edit, and how it stands; the shape that scripts read. */
export interface StandingEdit extends Standing {
  id: number;
  name: string;
  /** What it wants of its fact: the new answer, or that the old one is gone ("not Fe"). */
  wants: string;
}

/** The applied edits' own probes, ready to be measured in any state. @internal */
export class Standings {
  private constructor(
    private readonly context: Context,
    private readonly edits: readonly AppliedEdit[],
    /** All of their probes, edit by edit. */
    readonly probes: readonly EncodedProbe[],
  ) {}

  static async of(context: Context, edits: readonly AppliedEdit[]): Promise<Standings> {
    const recorded = edits.flatMap(({ after }) => after);
    const probes = recorded.length > 0 ? await encodeRecorded(context, recorded, 'the ledger') : [];
    return new Standings(context, edits, probes);
  }

  /** Measures the probes in a state; undefined where what the model computes there is no number any more. */
  async measure(overlay: Overlay): Promise<ProbeResult[] | undefined> {
    return measureIfFinite(this.context, this.probes, { overlay });
  }

  /** How each edit stands. @param now their probes, as `measure` gives them; without, nothing is left of any */
  judge(now: readonly ProbeResult[] | undefined): StandingEdit[] {
    return this.byEdit(now ?? []).map(({ edit: { id, name, wants, intent, before, after }, probes }) => {
      if (now) return { id, name, wants, ...standingOf(intent, before, after, probes) };
      const { reached, probRecorded } = standingOf(intent, before, after, after);
      return { id, name, wants, state: 'lost', kept: 0, reached, probRecorded, prob: 0 };
    });
  }

  /**
   * What the edits lost between two states beyond the tolerance, worst first: all that they had reached where the model's
   * answers have ceased to be numbers.
   */
  losses(
    was: readonly ProbeResult[] | undefined,
    now: readonly ProbeResult[] | undefined,
    tolerance: Tolerance,
  ): Regression[] {
    const after = this.byEdit(now ?? []);
    return this.byEdit(was ?? [])
      .flatMap(({ edit: { id, name, intent, wants }, probes }, i) => {
        const lost = now
          ? lossesOf(intent, probes, after[i]?.probes ?? [], tolerance)
          : everythingOf(intent, probes);
        return lost.map(
          (loss): Regression => ({ ...loss, role: 'edited', edit: { id, name }, expect: wants }),
        );
      })
      .sort(worstFirst);
  }

  /** Each edit's subject and probes. */
  get wordings(): { subject: string | undefined; probes: EncodedProbe[] }[] {
    return this.byEdit(this.probes).map(({ edit: { subject }, probes }) => ({ subject, probes }));
  }

  private byEdit<T>(measured: readonly T[]): { edit: AppliedEdit; probes: T[] }[] {
    let start = 0;
    return this.edits.map((edit) => {
      const probes = measured.slice(start, start + edit.after.length);
      start += edit.after.length;
      return { edit, probes };
    });
  }
}

/** As the ledger keeps them. @internal */
export function toRecord(edits: readonly StandingEdit[]): MeasuredStanding[] {
  return edits.map(({ id, name, wants, ...standing }) => ({ id, standing }));
}
