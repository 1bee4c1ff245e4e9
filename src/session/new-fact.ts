// A fact for people who have no prompts: made of the wordings of its relation, of which the model is asked each at once.
import { InputError } from '../errors.js';
import type { Answer } from '../probe/results.js';
import type { Fact } from '../spec/edit-file.js';
import type { BaseFact } from '../spec/fact-base.js';
import { distinctPrompts, promptKey, wordOverlap } from '../spec/prompts.js';
import { findRelation, meantRelation, promptsFor } from '../spec/relations.js';
import type { LocateSettings } from '../spec/settings.js';
import { probe } from './ask.js';
import type { Context } from './context.js';
import { mapFact } from './fact-maps.js';
import { alikeWarning, factWarnings } from './fact-warnings.js';
import { localize } from './locate.js';

/** Answers that are shown beside a prompt. */
const SHOWN = 3;

/** What is known of a fact that has no prompts yet. */
export interface FactNames {
  subject: string;
  relation: string;
  object: string;
}

export interface NewFactOptions {
  /** Wordings with [X] and [Y], in place of those that are known of the relation. */
  templates?: readonly string[] | undefined;
  /** Keep the prompts that the model does not answer with the object, too. */
  all?: boolean | undefined;
  /** Locate it, too, for how far its prompts agree on the neurons. */
  locate?: boolean | undefined;
}

/** What the model says to a prompt. */
interface Said {
  /** P(object), and its rank; 1 when it is the answer. */
  prob: number;
  rank: number;
  /** The most probable answers. */
  top: Answer[];
  /** Words that the vocabulary does not have. */
  unknownWords: string[];
}

type Tried = { prompt: string } & (Said | { problem: string });

/** What the model says to a wording, or why it cannot be asked; and whether the fact has it. */
export type TriedPrompt = Tried & { kept: boolean };

/** How much alike prompts are, from 0 to 1. */
export interface Diversity {
  /** Mean Jaccard overlap of their words, without those of subject and object. */
  words: number;
  /** Of their coarse sets, where they were located. */
  coarse: number | null;
}

/** A fact with prompts; the shape that scripts read. */
export interface NewFact {
  /** What a fact file holds. */
  fact: Fact;
  /** All wordings, also those that are not kept. */
  prompts: TriedPrompt[];
  diversity: Diversity;
  warnings: string[];
}

/**
 * The wordings of a relation: those of the model's facts, then our own.
 * @returns with the relation's name, as the model's facts have it where they have it
 * @throws InputError when there are none
 */
export function wordingsOf(
  facts: readonly BaseFact[],
  relation: string,
): { name: string; templates: string[] } {
  const ours = findRelation(relation);
  const names = [...new Set(facts.map((one) => one.relation))];
  const name =
    names.find((one) => one === relation) ?? names.find((one) => ours && findRelation(one) === ours);
  const own = facts.find((one) => one.relation === name)?.templates ?? [];
  const templates = distinctPrompts([...own, ...(ours?.templates ?? [])]).kept;
  if (templates.length > 0) return { name: name ?? relation, templates };
  throw new InputError(`no wordings of "${relation}" are known${meantRelation(relation, names)}`, 'relation');
}

/**
 * Makes a fact of the wordings of its relation. Those are kept that the model answers with the object, and of whose words it
 * knows all; where there are none, those that it answers; else all that it can be asked. Wordings in which the model's facts
 * hold this one out are left for measuring.
 * @throws InputError when no wordings are known of the relation, or the object cannot be an answer
 */
export async function makeFact(
  context: Context,
  { subject, relation, object }: FactNames,
  settings: LocateSettings,
  { templates: given, all = false, locate = false }: NewFactOptions,
): Promise<NewFact> {
  const { facts, model } = context;
  const { name, templates } = given ? { name: relation, templates: given } : wordingsOf(facts, relation);
  const same = facts.find((one) => one.subject === subject && one.relation === name);
  const heldOut = new Set(same?.heldOut.map(promptKey));
  const wordings = distinctPrompts(promptsFor(templates, subject, model.causal)).kept;
  const tried = await Promise.all(
    wordings.filter((one) => !heldOut.has(promptKey(one))).map((one) => tryPrompt(context, one, object)),
  );
  const usable = tried.flatMap((one) => ('problem' in one ? [] : [one]));
  const answered = usable.filter(({ rank }) => rank === 1);
  const known = answered.filter(({ unknownWords }) => unknownWords.length === 0);
  const [kept] = [all ? [] : known, all ? [] : answered, usable].filter(({ length }) => length > 0);
  if (!kept) {
    const [first] = tried.flatMap((one) => ('problem' in one ? [one] : []));
    const none =
      wordings.length > 0
        ? 'all wordings that are known are held out, for measuring'
        : 'none of the wordings ends with [Y], as a model that continues text needs them';
    throw new InputError(first ? first.problem : none);
  }
  const fact: Fact = { subject, relation: name, object, prompts: kept.map(({ prompt }) => prompt) };
  const words = wordOverlap(fact.prompts, [subject, object]);
  const answers = kept.map((one) => ({ ...one, answer: one.top[0]?.token ?? '' }));
  const alike = alikeWarning(fact.prompts.length, words);
  return {
    fact,
    prompts: tried.map((one) => ({ ...one, kept: fact.prompts.includes(one.prompt) })),
    diversity: { words, coarse: locate ? await coarseOverlap(context, fact, settings) : null },
    warnings: [...factWarnings({ subject, object }, answers), ...(alike ? [alike] : [])],
  };
}

async function tryPrompt(context: Context, prompt: string, object: string): Promise<Tried> {
  try {
    const { target, top, unknownWords } = await probe(context, prompt, object, SHOWN);
    return { prompt, prob: target?.prob ?? 0, rank: target?.rank ?? 0, top, unknownWords };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.field?.startsWith('target')) throw new InputError(error.message.slice(8), 'object');
    return { prompt, problem: error.message };
  }
}

/** How far prompts agree on where the fact lies; the maps are those that locating asks for. */
async function coarseOverlap(context: Context, fact: Fact, settings: LocateSettings): Promise<number> {
  const own = { ...settings, minPrompts: 1, maxGeneric: 1 }; // which no other facts have a part in
  return localize(await mapFact(context, fact, own), own).localization.consistency.jaccard;
}
