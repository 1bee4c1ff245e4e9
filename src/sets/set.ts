// What a record of a data set becomes: a fact, and what the record asks for besides.
import type { Fact, ProbeSpec, TargetSpec } from '../spec/edit-file.js';

/** A record of a set, in kn-edit's own words. */
export interface SetItem {
  /** The record's own id where it has one, else made of its place; unique in its set, and the same whenever it is read. */
  id: string;
  /** Where it stands, for messages: `record 17`, `line 17`, counted from 1; in a directory behind its file. */
  place: string;
  /** With the wordings that it is located by, each with one [MASK], or a prefix to continue. */
  fact: Fact;
  /** Further answers that are true, where the record names several. */
  alsoTrue?: string[] | undefined;
  /** The new answer, where the record asks for a rewrite. */
  to?: TargetSpec | undefined;
  probes: SetProbes;
}

/** What is to be asked before and after an edit of the fact. */
export interface SetProbes {
  /** Other wordings of the fact; they expect the object. */
  paraphrase: ProbeSpec[];
  /** Facts of the relation about other subjects, which should stay. */
  neighborhood: ProbeSpec[];
  /** Other facts that should stay. */
  unrelated: ProbeSpec[];
  /** What follows from the new answer (of several hops, of aliases); they expect what should be said after the edit. */
  portability: ProbeSpec[];
}

export const PROBE_ROLES = [
  'paraphrase',
  'neighborhood',
  'unrelated',
  'portability',
] as const satisfies readonly (keyof SetProbes)[];

/** A record that is no item, and why. */
export interface SetAside {
  place: string;
  reason: string;
}

/** What one record became. */
export interface ReadRecord {
  place: string;
  /** None where it is set aside; several where it asks for several edits. */
  items: SetItem[];
  /** Why it became no item. */
  setAside?: string | undefined;
  /** Parts of it that are not used, each with why; a reason may come several times. */
  leftOut: string[];
}
