// A report of a finished run: read, analysed, drawn.
import type { Manifest } from '../manifest.js';
import type { SweepFailure, SweepResult } from '../result.js';
import { analyse } from './analysis.js';
import { figuresOf } from './figures.js';
import type { LocatedFact } from './neurons.js';
import type { RunReport } from './page.js';
import { type ReportResult, reported } from './results.js';
import { sharedNeurons } from './shared.js';

/** What a run left. */
export interface Run {
  manifest: Manifest;
  results: AsyncIterable<SweepResult> | Iterable<SweepResult>;
  failures: AsyncIterable<SweepFailure> | Iterable<SweepFailure>;
}

export async function reportOf({ manifest, ...run }: Run): Promise<RunReport> {
  const results: ReportResult[] = [];
  for await (const result of run.results) results.push(reported(result));
  const failures: SweepFailure[] = [];
  for await (const failure of run.failures) failures.push(failure);
  const { model } = manifest;
  const facts = results.map(({ relation, neurons }): LocatedFact => {
    return { relation, neurons: neurons.map(({ layer, neuron }) => [layer, neuron]) };
  });
  const analysis = analyse(results, model.layers);
  const shared = sharedNeurons(facts);
  return {
    manifest,
    results,
    failures,
    analysis,
    shared,
    figures: figuresOf({ analysis, facts, shared, model }),
  };
}
