// What a fact is held against: the model's other facts. They tell generic neurons from knowledge neurons, are held in
// place by a solved rewrite, and give the probes that show what else an edit changed.
import { groupBy } from '../group.js';
import { coarseNeurons } from '../locate/coarse.js';
import {
  type GenericNeuron,
  genericNeurons,
  type LocatedNeuron,
  meanMap,
  refine,
} from '../locate/refined.js';
import type { Attribution, MapSettings } from '../locate/score-map.js';
import { draw, seeded } from '../random.js';
import type { ProbeSpec } from '../spec/edit-file.js';
import type { BaseFact } from '../spec/fact-base.js';
import { promptKey } from '../spec/prompts.js';
import type { LocateSettings } from '../spec/settings.js';
import { type FactKey, factKeys, sameFact } from './applied-edits.js';
import type { Context, Progress } from './context.js';
import { scoreMaps } from './score-maps.js';

/**
 * Facts drawn per relation for the generic-neuron filter, or more where that comes to fewer than `facts`; of many relations
 * and wordings, some.
 */
const BACKGROUND = { perRelation: 4, facts: 40, relations: 100, wordings: 20 };
/** Held prompts per group of a solved rewrite. */
const HELD = { subject: 400, object: 400, relation: 400, others: 400 };
/** Probes drawn per role where an edit file names fewer. */
const DRAWN_PROBES = 40;
const SEED = 20220522;

/** What makes two facts the same one, or neighbours. */
export interface FactWords extends FactKey {
  /** The old object. */
  object: string;
}

/**
 * Score maps of the background facts, prompt by prompt; none where generic neurons are not asked for. Measured on the
 * base, of which they are a property, so that the cached maps serve every edited state.
 */
export async function backgroundMaps(
  context: Context,
  fact: FactKey | undefined,
  settings: LocateSettings,
): Promise<Attribution[][]> {
  if (settings.maxGeneric >= 1 || context.facts.length === 0) return [];
  // Noise makes up for few prompts; these facts have all theirs.
  const { maps } = await mapsOfFacts(
    context.base(),
    drawBackground(context.facts, fact),
    { ...settings, noise: undefined },
    'background',
  );
  return maps;
}

/**
 * Score maps of facts of a base, fact by fact and prompt by prompt.
 * @param source the file that they are from, for errors
 */
export async function mapsOfFacts(
  context: Context,
  facts: readonly BaseFact[],
  settings: MapSettings,
  stage: Progress['stage'],
  source = 'facts.json',
): Promise<{ maps: Attribution[][]; cached: number }> {
  const { prompts, targets } = await context.run('encode', {
    prompts: facts.flatMap((one) => one.prompts.map((value) => ({ field: source, value }))),
    targets: facts.map(({ object }) => ({ field: source, value: object })),
  });
  const owner = facts.flatMap((one, i) => one.prompts.map(() => i));
  const requests = prompts.flatMap((prompt, i) => {
    const target = targets[owner[i] ?? 0];
    return target ? [{ prompt, target }] : [];
  });
  await context.run('checkAnswers', { asked: requests.map((value) => ({ field: source, value })) });
  const { maps, known } = await scoreMaps(context, requests, settings, stage);
  const cached = known.filter(Boolean).length;
  return { maps: facts.map((_, index) => maps.filter((_, i) => owner[i] === index)), cached };
}

/** The refined neurons of each of some facts. @param maps of each, prompt by prompt */
export function refinedOf(
  maps: readonly (readonly Attribution[])[],
  width: number,
  settings: LocateSettings,
): LocatedNeuron[][] {
  const { thresholdMode: mode, threshold: value, strict, share } = settings;
  return maps.map((own) => {
    const scores = own.map((map) => map.scores);
    const coarse = scores.map((one) => coarseNeurons(one, width, { mode, value, strict }).neurons);
    return refine(coarse, meanMap(scores), width, { share, strict, minPrompts: 1 }).neurons;
  });
}

/** Neurons that are refined for too many of the background facts. @param background maps of each */
export function genericAmong(
  background: readonly (readonly Attribution[])[],
  width: number,
  settings: LocateSettings,
): GenericNeuron[] {
  return genericNeurons(refinedOf(background, width, settings), settings.maxGeneric);
}

/** A fact that others are held against. */
export interface BackgroundFact {
  fact: FactKey;
  /** Its refined neurons. */
  refined: LocatedNeuron[];
}

/** Background facts whose maps are held at the same time. */
const AT_ONCE = 16;

/** What the background says under some settings, for many facts: every map is computed once, and none is kept. */
export async function refinedBackground(
  context: Context,
  settings: LocateSettings,
): Promise<BackgroundFact[]> {
  if (settings.maxGeneric >= 1 || context.facts.length === 0) return [];
  const facts = drawBackground(context.facts);
  const found: BackgroundFact[] = [];
  for (let start = 0; start < facts.length; start += AT_ONCE) {
    const some = facts.slice(start, start + AT_ONCE);
    const quiet = { ...settings, noise: undefined };
    const { maps } = await mapsOfFacts(context.base().detached(), some, quiet, 'background');
    const refined = refinedOf(maps, context.model.neurons, settings);
    found.push(
      ...some.map(({ subject, relation, prompts, heldOut }, i) => {
        return { fact: { subject, relation, prompts, heldOut }, refined: refined[i] ?? [] };
      }),
    );
    context.progress('background', found.length, facts.length);
  }
  return found;
}

/** The generic neurons for a fact, which is no background of its own. */
export function genericFor(
  fact: FactKey,
  background: readonly BackgroundFact[],
  { maxGeneric }: LocateSettings,
): GenericNeuron[] {
  const others = background.filter((one) => !isSame(one.fact, fact));
  return genericNeurons(
    others.map(({ refined }) => refined),
    maxGeneric,
  );
}

/**
 * The background facts, in the order of `backgroundMaps`: the same whatever the fact at hand (so that their maps stay
 * cached), without that fact itself.
 */
export function drawBackground(facts: readonly BaseFact[], fact?: FactKey): BaseFact[] {
  const random = seeded(SEED);
  const all = [...groupBy(facts, ({ relation }) => relation).values()];
  const relations = all.length > BACKGROUND.relations ? draw(all, BACKGROUND.relations, random) : all;
  const count = perRelation(relations.map(({ length }) => length));
  return relations
    .flatMap((group) => draw(group, count, random))
    .filter((one) => !fact || !isSame(one, fact))
    .map((one) => ({ ...one, prompts: one.prompts.slice(0, BACKGROUND.wordings) }));
}

/** A wording of a fact that is held in place, and what it speaks of, where that is known. */
export interface HeldWording {
  prompt: string;
  subject?: string | undefined;
}

/** How many facts are drawn of each relation. @param sizes of the relations, in facts */
function perRelation(sizes: readonly number[]): number {
  const drawn = (count: number) => sizes.reduce((sum, size) => sum + Math.min(size, count), 0);
  const most = Math.max(BACKGROUND.perRelation, ...sizes);
  let count = BACKGROUND.perRelation;
  while (count < most && drawn(count) < BACKGROUND.facts) count++;
  return count;
}

/**
 * Prompts that a solved rewrite holds in place, in groups: facts about the same subject, with the same old object, of
 * the same relation, and others. These break first, in this order.
 */
export function heldPrompts(facts: readonly BaseFact[], fact: FactWords): HeldWording[][] {
  const random = seeded(SEED);
  const groups: { size: number; belongs: (one: BaseFact) => boolean }[] = [
    { size: HELD.subject, belongs: (one) => aboutSame(one, fact) },
    { size: HELD.object, belongs: (one) => one.object === fact.object },
    { size: HELD.relation, belongs: (one) => one.relation === fact.relation },
    { size: HELD.others, belongs: () => true },
  ];
  let rest = facts.filter((one) => !isSame(one, fact));
  return groups.map(({ size, belongs }) => {
    const prompts = rest.filter(belongs).flatMap(({ subject, prompts }) => {
      return prompts.map((prompt): HeldWording => ({ prompt, subject }));
    });
    rest = rest.filter((one) => !belongs(one));
    return draw(prompts, size, random);
  });
}

/** Held-out wordings that are probed of a fact that the base knows. */
const HELD_OUT = 4;

/** Wordings of a fact that the base knows and its own prompts are not: the held-out ones first. */
export function otherWordings(facts: readonly BaseFact[], fact: FactWords): string[] {
  const own = new Set(fact.prompts.map(promptKey));
  return facts
    .filter((one) => isSame(one, fact))
    .flatMap(({ heldOut, prompts }) => [...heldOut, ...prompts])
    .filter((prompt) => !own.has(promptKey(prompt)))
    .slice(0, HELD_OUT);
}

/**
 * Probes of facts that should stay as they are, in wordings that a solved rewrite never holds: neighbours (same
 * relation, another object), and facts of other relations.
 */
export function drawProbes(
  facts: readonly BaseFact[],
  fact: FactWords,
): { neighborhood: ProbeSpec[]; unrelated: ProbeSpec[] } {
  const random = seeded(SEED + 1);
  const others = facts.filter((one) => !isSame(one, fact));
  const probes = (chosen: BaseFact[]) =>
    draw(chosen, DRAWN_PROBES, random).flatMap((one) => askOnce(one, random));
  return {
    neighborhood: probes(others.filter((one) => one.relation === fact.relation)),
    unrelated: probes(others.filter((one) => one.relation !== fact.relation)),
  };
}

/** A fact in one wording: a held-out one where there is one. */
export function askOnce({ heldOut, prompts, object }: BaseFact, random: () => number): ProbeSpec[] {
  return draw(heldOut.length > 0 ? heldOut : prompts, 1, random).map((prompt) => ({
    prompt,
    expect: object,
  }));
}

export function isSame(one: FactKey, fact: FactKey): boolean {
  return sameFact(factKeys(one), factKeys(fact));
}

function aboutSame(one: BaseFact, fact: FactWords): boolean {
  return one.subject === fact.subject || one.object === fact.subject || one.subject === fact.object;
}
