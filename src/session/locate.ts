// Locating one fact: from the score maps of its prompts to coarse neurons, and to the refined ones that they share.
import { type Neuron, neuronKey, toNeuron, toNeuronId } from '../lm/overlay.js';
import { coarseNeurons } from '../locate/coarse.js';
import {
  type Consistency,
  consistencyOf,
  type GenericNeuron,
  type LocatedNeuron,
  meanMap,
  refine,
} from '../locate/refined.js';
import type { Attribution, Completeness } from '../locate/score-map.js';
import type { Fact } from '../spec/edit-file.js';
import { wordOverlap } from '../spec/prompts.js';
import type { LocateSettings } from '../spec/settings.js';
import { genericAmong } from './background.js';
import type { Context } from './context.js';
import { type FactMaps, mapFact } from './fact-maps.js';
import { alikeWarning, factWarnings, repeatedWarning } from './fact-warnings.js';
import { residualWarning } from './residual-warning.js';
import { writing } from './writing.js';

export interface LocatedPrompt {
  prompt: string;
  /** P(object); of several tokens, the joint probability. */
  prob: number;
  /** Of the object; 1 when it is the model's answer. */
  rank: number;
  /** The model's answer. */
  answer: string;
  /** The score that a coarse neuron had to reach; null where no score is positive. */
  threshold: number | null;
  coarse: Neuron[];
  completeness: Completeness[];
}

/** A localization; the shape that scripts read. */
export interface Localization {
  /** With the object's token, of several the first, and then all of them. */
  fact: Fact & { objectId: number; objectIds?: number[] };
  settings: LocateSettings;
  /** Id in the ledger. */
  id: number | undefined;
  prompts: LocatedPrompt[];
  neurons: LocatedNeuron[];
  generic: GenericNeuron[];
  /** The share that was used (it moves when a number of neurons is wanted). */
  share: number;
  consistency: Consistency;
  warnings: string[];
  /** Score maps that came from the cache. */
  cached: number;
  seconds: number;
}

/** A localization and the score maps behind it, from whose mean further neurons can be taken. */
export interface Located {
  localization: Localization;
  maps: FactMaps;
  /** [L, F] */
  meanScores: Float32Array;
}

/** Prompts below which sharing says little. */
const FEW_PROMPTS = 3;
/** Mean overlap of coarse sets below which the wordings do not speak of one place. */
const INCONSISTENT = 0.15;

/**
 * Locates a fact and records it in the ledger, if there is one.
 * @throws InputError when a prompt or the object is not usable, or there are fewer prompts than `minPrompts`
 */
export async function locateFact(context: Context, fact: Fact, settings: LocateSettings): Promise<Located> {
  const located = localize(await mapFact(context, fact, settings), settings);
  located.localization.id = await recordLocalization(context, located);
  return located;
}

/** @returns its id in the ledger, if there is one */
export async function recordLocalization(
  context: Context,
  { localization, maps }: Located,
): Promise<number | undefined> {
  const { subject, relation, objectId } = localization.fact;
  const record = {
    fact: { subject, relation, object: maps.object.token, objectId },
    state: maps.state,
    settings: localization.settings,
    share: localization.share,
    prompts: localization.prompts.map((one) => ({ ...one, coarse: one.coarse.map(toNeuronId) })),
    neurons: localization.neurons,
    seconds: localization.seconds,
  };
  return writing(context, () => context.ledger?.localizations.save(record));
}

/**
 * What the score maps of a fact come to under some settings: a matter of milliseconds.
 * @param generic neurons that are left out; by default those that the maps' background shows
 */
export function localize(
  maps: FactMaps,
  settings: LocateSettings,
  generic = genericAmong(maps.background, maps.width, settings),
): Located {
  const start = performance.now();
  const { fact, object, own, negative, lacking, answers, repeated, cached, width } = maps;
  const { thresholdMode: mode, threshold: value, strict, share, minPrompts, wanted } = settings;
  const coarseOf = ({ scores }: Attribution) => coarseNeurons(scores, width, { mode, value, strict });
  const coarse = own.map(coarseOf);
  const meanScores = meanMap(own.map(({ scores }) => scores));
  const excluded = new Set([
    ...negative.flatMap((map) => coarseOf(map).neurons.map(neuronKey)),
    ...generic.map((one) => neuronKey(toNeuronId(one))),
  ]);
  const sets = coarse.map(({ neurons }) => neurons);
  const refined = refine(sets, meanScores, width, { share, minPrompts, strict, wanted }, excluded);

  const consistency = consistencyOf(sets);
  const alike = alikeWarning(fact.prompts.length, wordOverlap(fact.prompts, [fact.subject, object.words]));
  const prompts = own.map(({ prob, completeness }, i): LocatedPrompt => {
    const { threshold = 0, neurons = [] } = coarse[i] ?? {};
    return {
      prompt: fact.prompts[i] ?? '',
      prob,
      rank: answers[i]?.rank ?? 0,
      answer: answers[i]?.answer ?? '',
      threshold: Number.isFinite(threshold) ? threshold : null,
      coarse: neurons.map(toNeuron),
      completeness,
    };
  });
  const [objectId = 0] = object.ids;
  const localization: Localization = {
    fact: { ...fact, objectId, ...(object.ids.length > 1 && { objectIds: object.ids }) },
    settings,
    id: undefined,
    prompts,
    neurons: refined.neurons,
    generic,
    share: refined.share,
    consistency,
    warnings: [
      ...factWarnings({ subject: fact.subject, object: object.words }, answers),
      ...(repeated.length > 0 ? [repeatedWarning(repeated)] : []),
      ...(alike ? [alike] : []),
      ...(lacking ? [lacking] : []),
      ...warnings(prompts, settings, refined.neurons, consistency),
    ],
    cached,
    seconds: maps.seconds + (performance.now() - start) / 1000,
  };
  return { localization, maps, meanScores };
}

function warnings(
  prompts: readonly LocatedPrompt[],
  settings: LocateSettings,
  neurons: readonly LocatedNeuron[],
  { jaccard, shareNeeded }: Consistency,
): string[] {
  const found: string[] = [];
  if (prompts.length < FEW_PROMPTS) {
    found.push(
      `only ${prompts.length} prompt${prompts.length === 1 ? '' : 's'}: sharing says little; add wordings`,
    );
  }
  const poor = residualWarning(
    settings,
    prompts.map(({ completeness }) => completeness),
  );
  if (poor) found.push(poor);
  if (neurons.length === 0) {
    found.push(
      'no neuron is shared by enough prompts: lower --threshold, ' +
        `or --share to ${shareNeeded.toFixed(2)} at most, or add prompts`,
    );
  } else if (jaccard < INCONSISTENT) {
    const percent = (100 * jaccard).toFixed(0);
    found.push(
      `the prompts agree on few neurons (mean overlap ${percent}%): add prompts, or lower --threshold`,
    );
  }
  return found;
}
