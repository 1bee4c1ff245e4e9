// relations.json in a run's directory: what was found out of its relations with the model at hand, after the sweep.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isPresent, replaceFile } from '../../files.js';
import { hashOf } from '../../hash.js';
import { parseJson, readText } from '../../spec/json.js';
import { filesOf, ofThisVersion } from '../run-directory.js';
import { shortNumbers } from '../run-file.js';

const index = z.number().int().nonnegative();
const count = z.number().int().positive();
const spent = { seconds: z.number(), cpuSeconds: z.number() };
const reasons = z.array(z.strictObject({ reason: z.string(), count }));

/** A fact in one state of the model: share of its prompts whose top answer is the object, and mean of -log P(object) there. */
const side = z.strictObject({ accuracy: z.number(), surprise: z.number() });
const asked = z.strictObject({
  id: z.string(),
  before: side,
  after: side,
  /** After the same on other neurons, draw by draw. */
  controls: z.array(side),
});

const erased = z.strictObject({
  relation: z.string(),
  /** Facts of the run, in which the neurons were counted. */
  facts: count,
  /** The commonest first; `share` is that of the facts for which a neuron is refined. */
  neurons: z.array(z.strictObject({ layer: index, neuron: index, share: z.number(), meanScore: z.number() })),
  /** Facts of the relation, and of all others, that were asked. */
  own: z.array(asked),
  others: z.array(asked),
  ...spent,
});

const erasureSettings = z.strictObject({
  neurons: count,
  value: z.enum(['zero', 'unk']),
  control: z.enum(['random', 'layer', 'none']),
  seeds: count,
  limit: count,
  seed: z.number().int(),
});

/** Sentences of one kind: how many were asked, the mean activation of the fact's neurons, and of random ones. */
const kind = z.strictObject({ sentences: count, activation: z.number(), random: z.number().nullable() });
export const KINDS = ['stated', 'named', 'unrelated'] as const;

const activated = z.strictObject({
  relation: z.string(),
  facts: z.array(
    z.strictObject({
      id: z.string(),
      neurons: count,
      /** Sentences that state the fact, that name its subject, and that do neither; null without any. */
      stated: kind.nullable(),
      named: kind.nullable(),
      unrelated: kind.nullable(),
    }),
  ),
  /** Sentences that were not asked, and facts without any, by reason. */
  leftOut: reasons,
  ...spent,
});

const activationSettings = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  seeds: count,
  seed: z.number().int(),
});

const relationsSchema = z.strictObject({
  /** Of which results it is (`resultsHash`). */
  results: z.string(),
  versions: z.record(z.string(), z.string()),
  erasure: z.strictObject({ settings: erasureSettings, relations: z.array(erased) }).nullable(),
  activation: z.strictObject({ settings: activationSettings, relations: z.array(activated) }).nullable(),
});

export type Relations = z.infer<typeof relationsSchema>;
export type ErasureSettings = z.infer<typeof erasureSettings>;
export type ErasedRelation = z.infer<typeof erased>;
export type AskedFact = z.infer<typeof asked>;
export type ActivationSettings = z.infer<typeof activationSettings>;
export type ActivatedRelation = z.infer<typeof activated>;
export type ActivatedFact = ActivatedRelation['facts'][number];
export type KindActivation = z.infer<typeof kind>;

/** A hash that tells the results of a run from all others. */
export function resultsHash(results: readonly { key: string }[]): string {
  return hashOf(results.map(({ key }) => key));
}

/** What is there; undefined where nothing is. @throws InputError that names file and field */
export function readRelations(directory: string): Relations | undefined {
  const path = filesOf(directory).relations;
  if (!isPresent(path)) return undefined;
  const fix = 'remove it, and run kn-edit sweep relations again';
  return ofThisVersion(path, parseJson(path, readText(path)), relationsSchema, fix);
}

/** @throws InputError when it cannot be written */
export function writeRelations(directory: string, relations: Relations): void {
  replaceFile(filesOf(directory).relations, `${JSON.stringify(relations, shortNumbers)}\n`);
}

/** The relations that were done under some settings; none under others. */
export function doneUnder<S, R>(
  part: { settings: S; relations: R[] } | null | undefined,
  settings: S,
): { settings: S; relations: R[] } {
  const same = part && isDeepStrictEqual(part.settings, settings);
  return { settings, relations: same ? [...part.relations] : [] };
}
