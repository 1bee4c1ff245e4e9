// What a report needs of a fact's result: all but the scores of single prompts, which are the bulk of it.
import type { SweepEffect, SweepResult } from '../result.js';

type Prompt = Omit<SweepResult['prompts'][number], 'scores'>;

export type ReportResult = Omit<SweepResult, 'prompts'> & { prompts: Prompt[] };

/** A fact on which an operation was carried out. */
export type Operated = ReportResult & { effect: SweepEffect };

export function isOperated(result: ReportResult): result is Operated {
  return result.effect !== null;
}

/** The result without what is only for those who read results.jsonl themselves. */
export function reported(result: SweepResult): ReportResult {
  return { ...result, prompts: result.prompts.map(({ scores, ...prompt }) => prompt) };
}
