// The paper's analyses of relations over a finished run, which ask the model once more. What is done stands in the run's
// directory, relation by relation, so that the same call goes on after an interruption.

import { InputError, InterruptedError } from '../../errors.js';
import { groupBy } from '../../group.js';
import { hashOf } from '../../hash.js';
import { plural } from '../../report/numbers.js';
import type { Context } from '../../session/context.js';
import { ERASED_NEURONS } from '../../session/erase.js';
import { versions } from '../../session/versions.js';
import { readSentences } from '../../sets/sentences.js';
import type { Manifest } from '../manifest.js';
import { noNeuron, unknownRelation } from '../refusals.js';
import { type ReportResult, reported } from '../report/results.js';
import { expectState, expectUnchanged, filesOf, readResults, upToDate } from '../run-directory.js';
import { sentenceActivations } from './activation.js';
import { eraseOf, planErasure } from './erasure.js';
import {
  type ActivationSettings,
  doneUnder,
  type ErasureSettings,
  type Relations,
  readRelations,
  resultsHash,
  writeRelations,
} from './file.js';

/** Random draws of a control. */
const SEEDS = 5;
/** Facts of a relation that are asked, and of all others together. */
const LIMIT = 100;

export interface RelationsOptions {
  /** All relations of the run unless given. */
  relations?: string[] | undefined;
  /** How many of a relation's commonest neurons are erased (20). */
  neurons?: number | undefined;
  /** What value vectors become: nothing, or the unknown token's embedding (zero). */
  value?: ErasureSettings['value'] | undefined;
  /** On which other neurons the same is done (random). */
  control?: ErasureSettings['control'] | undefined;
  /** Random draws (5). */
  seeds?: number | undefined;
  /** Facts of a relation that are asked, and of all others together (100 each). */
  limit?: number | undefined;
  /** Draws these facts, and sentences (1). */
  seed?: number | undefined;
  /** Sentences about the facts: a file, or a directory of files. Without them activations are not asked for. */
  sentences?: string | undefined;
}

/** What became of it; the shape that scripts read. */
export interface RelationsSummary {
  /** The run directory. */
  out: string;
  relations: number;
  /** Relations that were erased now, and those whose sentences were asked; the others were done before. */
  erased: number;
  activated: number;
  seconds: number;
}

/**
 * Erases each relation of a run by its commonest neurons, as a dry run, and asks for its neurons' activations on sentences.
 * @throws InputError when there is no run, it has none of the relations, or no neurons; ConflictError when it is of another
 *   model, or of other edits; InterruptedError, after which the same call goes on
 */
export async function analyseRelations(
  context: Context,
  directory: string,
  options: RelationsOptions,
): Promise<RelationsSummary> {
  const start = performance.now();
  const { manifest, results } = await readRun(context, directory);
  const groups = groupBy(results, ({ relation }) => relation);
  const names = chosenAmong([...groups.keys()], options.relations);
  const { neurons = ERASED_NEURONS, value = 'zero', control = 'random' } = options;
  const { seeds = SEEDS, limit = LIMIT, seed = 1 } = options;
  if (options.seeds !== undefined && control !== 'random' && options.sentences === undefined) {
    throw new InputError(
      `draws random neurons, of which --control ${control} has none; leave it out`,
      '--seeds',
    );
  }
  const before = readRelations(directory);
  const known = before?.results === resultsHash(results) ? before : undefined;
  const erasure = doneUnder<ErasureSettings, Erasures[number]>(known?.erasure, {
    ...{ neurons, value, control, seeds, limit, seed },
  });
  const sentences = options.sentences === undefined ? undefined : sentencesAt(options.sentences);
  if (sentences && !results.some(({ id }) => sentences.byId.has(id))) {
    context.note(`${sentences.path}: has sentences of none of the run's facts; their ids must be the same`);
  }
  const activation = sentences
    ? doneUnder<ActivationSettings, Activations[number]>(known?.activation, {
        ...{ path: sentences.path, sha256: sentences.sha256, seeds, seed },
      })
    : (known?.activation ?? null);
  tellOfReplaced(context, directory, before, { erasure, activation });
  const left = (done: readonly { relation: string }[]) =>
    names.filter((name) => !done.some(({ relation }) => relation === name));
  const [toErase, toAsk] = [
    left(erasure.relations),
    sentences && activation ? left(activation.relations) : [],
  ];
  const keep = () => {
    expectUnchanged(directory, manifest);
    const found: Relations = {
      results: resultsHash(results),
      versions: versions(context),
      erasure,
      activation,
    };
    writeRelations(directory, found);
  };
  const planned = toErase.map((name) => planErasure(context, name, groups.get(name) ?? [], erasure.settings));
  const total = planned.reduce((sum, { steps }) => sum + steps, toAsk.length);
  let done = 0;
  const step = () => context.progress('relations', ++done, total);
  context.progress('relations', 0, total);
  try {
    for (const name of toAsk) {
      if (!sentences || !activation) break;
      const { byId, all } = sentences;
      const own = groups.get(name) ?? [];
      activation.relations.push(
        await sentenceActivations(context, name, own, byId, all, activation.settings),
      );
      step();
      keep();
    }
    for (const one of planned) {
      erasure.relations.push(await eraseOf(context, one, results, erasure.settings, step));
      keep();
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const undone = new Set([
      ...left(erasure.relations),
      ...(sentences && activation ? left(activation.relations) : []),
    ]);
    throw new InterruptedError(
      `interrupted; ${names.length - undone.size} of ${names.length} relations are done, and the same command goes on from there`,
    );
  }
  return {
    out: directory,
    relations: names.length,
    erased: toErase.length,
    activated: toAsk.length,
    seconds: (performance.now() - start) / 1000,
  };
}

type Erasures = NonNullable<Relations['erasure']>['relations'];
type Activations = NonNullable<Relations['activation']>['relations'];

/** The results of a finished run, that of the model at hand in its present state. */
async function readRun(
  context: Context,
  directory: string,
): Promise<{ manifest: Manifest; results: ReportResult[] }> {
  const manifest = upToDate(directory);
  expectState(directory, manifest, context.state);
  const results: ReportResult[] = [];
  for await (const result of readResults(directory)) results.push(reported(result));
  if (results.every(({ neurons }) => neurons.length === 0)) throw noNeuron(directory);
  return { manifest, results };
}

function chosenAmong(names: readonly string[], wanted: readonly string[] | undefined): string[] {
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownRelation('run', unknown, names, '--relation');
  return names.filter((name) => !wanted || wanted.includes(name));
}

type Parts = Pick<Relations, 'erasure' | 'activation'>;

/** Tells how much of what was done before, of other results or under other settings, the file holds no longer. */
function tellOfReplaced(context: Context, directory: string, before: Parts | undefined, kept: Parts): void {
  for (const [part, what] of [
    ['erasure', 'erased'],
    ['activation', 'asked on sentences'],
  ] as const) {
    const gone = (before?.[part]?.relations.length ?? 0) - (kept[part]?.relations.length ?? 0);
    if (gone === 0) continue;
    const { relations: path } = filesOf(directory);
    context.note(
      `${path}: ${plural(gone, 'relation')} ${what} before, under other settings or of other results, ` +
        `${gone === 1 ? 'gives' : 'give'} way to what is done now`,
    );
  }
}

function sentencesAt(path: string) {
  const found = readSentences(path);
  const all = [...new Set(found.flatMap(({ stated, named }) => [...stated, ...named]))];
  return { path, sha256: hashOf(found), byId: new Map(found.map((one) => [one.id, one])), all };
}
