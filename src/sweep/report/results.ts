// What a report needs of a fact's result: all but the scores of single prompts, which are the bulk of it; and every probe
// together with what random neurons did to it.
import type { SweepEffect, SweepProbe, SweepResult, SweepSide } from '../result.js';

type Prompt = Omit<SweepResult['prompts'][number], 'scores'>;

export interface MeasuredProbe extends SweepProbe {
  /** After the same on random neurons, draw by draw; none where there is no control. */
  random: SweepSide[];
}

/** What the draws did as a whole. */
type Draw = Omit<NonNullable<SweepEffect['control']>['draws'][number], 'after'>;

type ReportEffect = Omit<SweepEffect, 'probes' | 'control'> & {
  probes: MeasuredProbe[];
  control: { draws: Draw[] } | null;
};

export type ReportResult = Omit<SweepResult, 'prompts' | 'effect'> & {
  prompts: Prompt[];
  effect: ReportEffect | null;
};

/** A fact on which an operation was carried out. */
export type Operated = ReportResult & { effect: ReportEffect };

export function isOperated(result: ReportResult): result is Operated {
  return result.effect !== null;
}

/** The result without what is only for those who read results.jsonl themselves. */
export function reported({ prompts, effect, ...result }: SweepResult): ReportResult {
  return {
    ...result,
    prompts: prompts.map(({ scores, ...prompt }) => prompt),
    effect: effect && {
      ...effect,
      probes: measuredProbes(effect),
      control: effect.control && { draws: effect.control.draws.map(({ after, ...draw }) => draw) },
    },
  };
}

/** Controls have every probe but those of portability, in their order. */
function measuredProbes({ probes, control }: SweepEffect): MeasuredProbe[] {
  const draws = control?.draws ?? [];
  let place = 0;
  return probes.map((probe) => {
    if (probe.role === 'portability') return { ...probe, random: [] };
    const at = place++;
    return { ...probe, random: draws.flatMap(({ after }) => after[at] ?? []) };
  });
}
