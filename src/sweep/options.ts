// What a sweep is asked for, and what it answers.
import type { ReasonCount } from '../sets/reasons.js';
import type { ChosenBy, SweepOperation } from '../spec/choices.js';
import type { LocateOptions } from '../spec/settings.js';
import type { Counts, Manifest, Shard } from './manifest.js';

/** How the operation of an edit file would say it, as far as it is not the default. */
export interface OperationOptions {
  method?: string | undefined;
  neurons?: number | undefined;
  layer?: number | undefined;
  lambdaOld?: number | undefined;
  lambdaNew?: number | undefined;
  factor?: number | undefined;
  value?: string | undefined;
}

/** Where the items are from. */
export interface SweepSource extends Pick<Manifest['set'], 'path' | 'format' | 'records'> {
  /** Records that are no items, by reason. */
  setAside: ReasonCount[];
  /** Parts of records that are not used, by reason. */
  partsLeftOut: ReasonCount[];
}

export interface SweepOptions {
  /** The run directory; made if it is not there. */
  out: string;
  do: SweepOperation;
  /** By what the neurons are chosen that suppressing, amplifying and erasing change (attribution). */
  by?: ChosenBy | undefined;
  /** How the operation is carried out. */
  operation?: OperationOptions | undefined;
  /** Facts are asked in the wordings of their relations, too. */
  templates?: boolean | undefined;
  relations?: string[] | undefined;
  /** Only facts that the model answers. */
  known?: boolean | undefined;
  /** At most so many facts: the first ones, or with a seed some drawn at random. */
  limit?: number | undefined;
  seed?: number | undefined;
  /** Facts of which random neurons are measured beside the edit (all). */
  controls?: number | undefined;
  /** Random draws of a control (5). */
  seeds?: number | undefined;
  /** About how many tokens of ordinary text perplexity is measured on (500). */
  text?: number | undefined;
  /** Keep every score, not only those of at least a tenth of the largest. */
  full?: boolean | undefined;
  /** Make each rewrite in the model that those before it left, and ask all of them again after every tenth. */
  sequential?: boolean | undefined;
  /** Try again what failed. */
  retry?: boolean | undefined;
  /** Do one part of several. */
  shard?: Shard | undefined;
  /** Redis, on which workers elsewhere compute: `redis://…`. */
  queue?: string | undefined;
  /** What the items were read from, for the manifest. */
  source?: SweepSource | undefined;
  /** The arguments of the program, for the manifest. */
  command?: string[] | undefined;
  /** How facts are located. */
  locate?: LocateOptions | undefined;
}

/** What became of a sweep; the shape that scripts read. */
export interface SweepSummary extends Pick<Manifest, 'leftOut' | 'shard'> {
  /** The run directory. */
  out: string;
  counts: Counts;
  /** Facts that were computed now; the others were done before. */
  computed: number;
  seconds: number;
}

/** What a worker has done; the shape that scripts read. */
export interface WorkSummary {
  facts: number;
  failed: number;
  seconds: number;
}
