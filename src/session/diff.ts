// Two edits of a ledger, compared: what was asked, which neurons it changed, and what it came to.
import { type Neuron, neuronKey, toNeuronId } from '../lm/overlay.js';
import type { ProbeResult, Role } from '../probe/results.js';
import type { MeasuredEdit } from './outcome.js';

/** A value for each of the two edits; undefined where one has none. */
export type Both<T> = [first: T, second: T];

/** The shape that scripts read. */
export interface EditDiff {
  edits: Both<Pick<MeasuredEdit, 'id' | 'name' | 'operation' | 'status'>>;
  /** Fields of specification, settings and versions that are not the same, by their path. */
  fields: { field: string; values: Both<string | undefined> }[];
  neurons: {
    shared: Neuron[];
    /** Shared neurons whose value vectors both edits left as the same bytes. */
    same: number;
    only: Both<Neuron[]>;
    /** Size of the intersection over that of the union; 1 for two empty sets. */
    jaccard: number;
  };
  /** Ids of the overlays between which each was measured, '' of the base; null where that was not recorded. */
  overlays: Both<MeasuredEdit['overlays']>;
  verdict: Both<string | null>;
  effect: Both<number>;
  damage: Both<number | null>;
  /** Probes that both edits measured: the top answer after each, and its probability. */
  probes: { role: Role; prompt: string; expect: string; after: Both<{ answer: string; prob: number }> }[];
}

/** Compares two edits, of the same ledger or of two. */
export function diffEdits(first: MeasuredEdit, second: MeasuredEdit): EditDiff {
  const both = <T>(pick: (edit: MeasuredEdit) => T): Both<T> => [pick(first), pick(second)];
  return {
    edits: both(({ id, name, operation, status }) => ({ id, name, operation, status })),
    fields: differingFields(
      both(({ specification, settings, versions }) => fieldsOf({ specification, settings, versions })),
    ),
    neurons: compareNeurons(first, second),
    overlays: both(({ overlays }) => overlays),
    verdict: both(({ verdict }) => verdict),
    effect: both(({ metrics }) => metrics.effect),
    damage: both(({ metrics }) => metrics.sideEffects.damage),
    probes: commonProbes(first, second),
  };
}

/** The values of a JSON document by their paths: `{ a: [true] }` has `a.0`. Strings stand bare, the rest as JSON. */
export function fieldsOf(value: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  const collect = (one: unknown, path: string) => {
    if (typeof one === 'object' && one !== null) {
      for (const [key, inner] of Object.entries(one)) collect(inner, path === '' ? key : `${path}.${key}`);
    } else if (one !== null && one !== undefined) {
      fields.set(path, typeof one === 'string' ? one : JSON.stringify(one));
    }
  };
  collect(value, '');
  return fields;
}

function differingFields([first, second]: Both<Map<string, string>>): EditDiff['fields'] {
  const names = new Set([...first.keys(), ...second.keys()]);
  return [...names]
    .map((field) => ({ field, values: [first.get(field), second.get(field)] as Both<string | undefined> }))
    .filter(({ values: [a, b] }) => a !== b);
}

function compareNeurons(first: MeasuredEdit, second: MeasuredEdit): EditDiff['neurons'] {
  const hashes = ({ vectors }: MeasuredEdit) => new Map(vectors.map((one) => [keyOf(one), one.afterSha256]));
  const [mine, theirs] = [hashes(first), hashes(second)];
  const at = (edit: MeasuredEdit, wanted: (key: string) => boolean) =>
    edit.neurons.filter((one) => wanted(keyOf(one))).map(({ layer, neuron }): Neuron => ({ layer, neuron }));
  const shared = at(first, (key) => theirs.has(key));
  const union = mine.size + theirs.size - shared.length;
  return {
    shared,
    same: shared.filter((one) => mine.get(keyOf(one)) === theirs.get(keyOf(one))).length,
    only: [at(first, (key) => !theirs.has(key)), at(second, (key) => !mine.has(key))],
    jaccard: union === 0 ? 1 : shared.length / union,
  };
}

function keyOf(neuron: Neuron): string {
  return neuronKey(toNeuronId(neuron));
}

function commonProbes(first: MeasuredEdit, second: MeasuredEdit): EditDiff['probes'] {
  const key = ({ role, prompt }: ProbeResult) => `${role} ${prompt}`;
  const theirs = new Map(second.after.map((one) => [key(one), one]));
  return first.after.flatMap((mine) => {
    const other = theirs.get(key(mine));
    if (!other) return [];
    const [a, b] = [mine, other].map(({ top: [best] }) => ({
      answer: best?.token ?? '',
      prob: best?.prob ?? 0,
    }));
    if (!a || !b) return [];
    return [{ role: mine.role, prompt: mine.prompt, expect: mine.expect, after: [a, b] }];
  });
}
