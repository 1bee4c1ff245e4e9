// What a data set is: its format, its counts, and what of it cannot be used, each with why.
import { patiently } from './patient.js';
import { openSet } from './read.js';
import { type ReasonCount, Reasons } from './reasons.js';
import type { SetItem } from './set.js';
import type { Usability } from './usable.js';

/** A data set in numbers; the shape that scripts read. */
export interface SetInfo {
  /** One word. */
  format: string;
  /** The same for people. */
  title: string;
  records: number;
  /** Facts that can be made of them. */
  facts: number;
  relations: number;
  /** Facts of each relation, the largest first. */
  byRelation: Record<string, number>;
  /** Prompts that the facts are located by. */
  prompts: number;
  /** Facts with a new answer. */
  edits: number;
  /** The model that was asked; null where none was. */
  model: string | null;
  /** Facts that can be used: for the model where there is one. */
  usable: number;
  /** Records that are no facts, and facts that the model cannot be asked for. */
  unusable: ReasonCount[];
  /** Parts of usable records that are not used. */
  leftOut: ReasonCount[];
  /** Of usable facts, what is worth knowing. */
  notes: ReasonCount[];
}

/** Judges the facts of a set for a model. */
export interface Judge {
  model: string;
  usable(items: readonly SetItem[]): Promise<Usability>;
}

/**
 * Goes through a data set. Without a model, no more of it is in memory than a record and the names of relations.
 * @throws InputError that names file, record and field; InterruptedError when the signal fires
 */
export async function describeSet(path: string, judge?: Judge, signal?: AbortSignal): Promise<SetInfo> {
  const { format, title, records } = openSet(path);
  const counts = { records: 0, facts: 0, prompts: 0, edits: 0 };
  const relations = new Map<string, number>();
  const items: SetItem[] = [];
  const unusable = new Reasons();
  const leftOut = new Reasons();
  for await (const record of patiently(records(), signal)) {
    counts.records++;
    if (record.setAside !== undefined) unusable.add(record.setAside);
    for (const reason of record.leftOut) leftOut.add(reason);
    for (const item of record.items) {
      counts.facts++;
      counts.prompts += item.fact.prompts.length;
      if (item.to !== undefined) counts.edits++;
      relations.set(item.fact.relation, (relations.get(item.fact.relation) ?? 0) + 1);
      if (judge) items.push(item);
    }
  }
  const judged = await judge?.usable(items);
  for (const { reason } of judged?.refused ?? []) unusable.add(reason);
  for (const { reason, count } of judged?.leftOut ?? []) leftOut.add(reason, count);
  return {
    format,
    title,
    ...counts,
    relations: relations.size,
    byRelation: Object.fromEntries([...relations].sort((a, b) => b[1] - a[1])),
    model: judge?.model ?? null,
    usable: judged?.usable.length ?? counts.facts,
    unusable: unusable.list(),
    leftOut: leftOut.list(),
    notes: judged?.notes ?? [],
  };
}
