// What a report of a run is made of: its results, what was computed of them, and what was drawn.
import type { FactNeurons } from '../../sets/neuron-files.js';
import type { Manifest } from '../manifest.js';
import { type Relations, resultsHash } from '../relations/file.js';
import type { SweepFailure, SweepResult } from '../result.js';
import type { SequenceCheck } from '../sequence/lines.js';
import { type Analysis, analyse } from './analysis.js';
import { type Beside, besideRun, type OtherRun } from './beside.js';
import { type Compared, compareNeurons } from './compare.js';
import { figuresOf, type RunFigure } from './figures.js';
import { locatedIn } from './neurons.js';
import { relationMeasures } from './relations.js';
import { type ReportResult, reported } from './results.js';
import { type SharedNeuron, sharedNeurons } from './shared.js';

/** Everything that a report is made of. */
export interface RunReport {
  manifest: Manifest;
  results: readonly ReportResult[];
  failures: readonly SweepFailure[];
  analysis: Analysis;
  shared: readonly SharedNeuron[];
  figures: readonly RunFigure[];
  /** Of a sequential sweep, how its edits stand after every tenth. */
  checks: readonly SequenceCheck[];
  /** Beside the neurons of others, where these are given. */
  compared?: Compared | undefined;
  /** What was found out of these results' relations after the sweep. */
  relations?: Relations | undefined;
  /** The other run that stands beside it, where there is one. */
  beside?: Beside | undefined;
}

/** What a run left. */
export interface Run {
  manifest: Manifest;
  results: AsyncIterable<SweepResult> | Iterable<SweepResult>;
  failures: AsyncIterable<SweepFailure> | Iterable<SweepFailure>;
  /** Of a sequential sweep. */
  checks?: AsyncIterable<SequenceCheck> | Iterable<SequenceCheck> | undefined;
  /** Neurons of the same facts that others located, and where they are from. */
  others?: { source: string; neurons: readonly FactNeurons[] } | undefined;
  /** What was found out of relations after the sweep; not used where it is of other results. */
  relations?: Relations | undefined;
  beside?: OtherRun | undefined;
}

export async function reportOf({ manifest, ...run }: Run): Promise<RunReport> {
  const results: ReportResult[] = [];
  for await (const result of run.results) results.push(reported(result));
  const failures: SweepFailure[] = [];
  for await (const failure of run.failures) failures.push(failure);
  const checks: SequenceCheck[] = [];
  for await (const check of run.checks ?? []) checks.push(check);
  const { model, task } = manifest;
  const facts = locatedIn(results);
  const compared = run.others && compareNeurons(results, run.others.neurons, run.others.source);
  const found = analyse(results, task.do, model.layers);
  const besides =
    run.beside && (await besideRun({ manifest, results, measures: found.measures }, run.beside));
  const relations = run.relations?.results === resultsHash(results) ? run.relations : undefined;
  const measures = [
    ...(besides?.measures ?? found.measures),
    ...(relations ? relationMeasures(relations) : []),
    ...(compared?.measures ?? []),
  ];
  const analysis = { ...found, measures };
  const shared = sharedNeurons(facts);
  const figures = figuresOf({ analysis, facts, shared, model, by: task.by, checks });
  const beside = besides?.beside;
  return { manifest, results, failures, analysis, shared, figures, checks, compared, relations, beside };
}
