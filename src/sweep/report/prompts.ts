// A line per prompt of every fact, before and after its operation: what prompts.csv and prompts.parquet hold.
import type { SweepProbe } from '../result.js';
import { meanOver } from './probes.js';
import type { MeasuredProbe, ReportResult } from './results.js';

/** A prompt of a fact: as it was located by, as it was probed, or both. */
interface Line {
  fact: ReportResult;
  role: SweepProbe['role'];
  prompt: string;
  expect: string;
  before: Pick<SweepProbe['before'], 'prob' | 'rank' | 'answer' | 'newProb' | 'newRank'>;
  located?: ReportResult['prompts'][number] | undefined;
  probe?: MeasuredProbe | undefined;
}

type Value = string | number | null | undefined;

export interface PromptColumn {
  name: string;
  /** As Parquet calls it. */
  type: 'STRING' | 'DOUBLE' | 'INT32';
  value: (line: Line) => Value;
}

export const PROMPT_COLUMNS: readonly PromptColumn[] = [
  { name: 'id', type: 'STRING', value: ({ fact }) => fact.id },
  { name: 'relation', type: 'STRING', value: ({ fact }) => fact.relation },
  { name: 'subject', type: 'STRING', value: ({ fact }) => fact.subject },
  { name: 'object', type: 'STRING', value: ({ fact }) => fact.object },
  { name: 'operation', type: 'STRING', value: ({ fact }) => fact.operation },
  { name: 'new_answer', type: 'STRING', value: ({ fact }) => fact.effect?.to },
  { name: 'role', type: 'STRING', value: ({ role }) => role },
  { name: 'prompt', type: 'STRING', value: ({ prompt }) => prompt },
  { name: 'expect', type: 'STRING', value: ({ expect }) => expect },
  { name: 'prob', type: 'DOUBLE', value: ({ before }) => before.prob },
  { name: 'rank', type: 'INT32', value: ({ before }) => before.rank },
  { name: 'answer', type: 'STRING', value: ({ before }) => before.answer },
  { name: 'new_prob', type: 'DOUBLE', value: ({ before }) => before.newProb },
  { name: 'new_rank', type: 'INT32', value: ({ before }) => before.newRank },
  { name: 'prob_after', type: 'DOUBLE', value: ({ probe }) => probe?.after.prob },
  { name: 'rank_after', type: 'INT32', value: ({ probe }) => probe?.after.rank },
  { name: 'answer_after', type: 'STRING', value: ({ probe }) => probe?.after.answer },
  { name: 'new_prob_after', type: 'DOUBLE', value: ({ probe }) => probe?.after.newProb },
  { name: 'new_rank_after', type: 'INT32', value: ({ probe }) => probe?.after.newRank },
  {
    name: 'prob_random',
    type: 'DOUBLE',
    value: ({ probe }) => meanOver(probe?.random ?? [], (one) => one.prob),
  },
  {
    name: 'new_prob_random',
    type: 'DOUBLE',
    value: ({ probe }) => meanOver(probe?.random ?? [], (one) => one.newProb),
  },
  { name: 'tokens', type: 'INT32', value: ({ probe }) => probe?.tokens },
  { name: 'new_tokens', type: 'INT32', value: ({ probe }) => probe?.newTokens },
  { name: 'threshold', type: 'DOUBLE', value: ({ located }) => located?.threshold },
  { name: 'residual', type: 'DOUBLE', value: ({ located }) => located?.residual },
  { name: 'coarse', type: 'INT32', value: ({ located }) => located?.coarse.length },
];

/** The lines of a fact, column by column. */
export function promptRows(fact: ReportResult): Value[][] {
  return linesOf(fact).map((line) => PROMPT_COLUMNS.map(({ value }) => value(line)));
}

function linesOf(fact: ReportResult): Line[] {
  const probes = fact.effect?.probes ?? [];
  const targets = new Map(probes.filter(({ role }) => role === 'target').map((one) => [one.prompt, one]));
  const located = fact.prompts.map((one): Line => {
    const probe = targets.get(one.prompt);
    const { prompt, prob, rank, answer } = one;
    const before = probe?.before ?? { prob, rank, answer };
    return { fact, role: 'target', prompt, expect: fact.object, before, located: one, probe };
  });
  const known = new Set(fact.prompts.map(({ prompt }) => prompt));
  const others = probes.filter(({ role, prompt }) => role !== 'target' || !known.has(prompt));
  return [...located, ...others.map((probe): Line => ({ ...probe, fact, probe }))];
}
