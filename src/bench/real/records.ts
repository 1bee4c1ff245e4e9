// Records of facts that are to be rewritten: CounterFact's in two formats, ROME's known facts, and kn-edit's fact bases.
import { z } from 'zod';
import { draw } from '../../random.js';
import { type BaseFact, continuing, readFactBase } from '../../spec/fact-base.js';
import { readJson } from '../../spec/json.js';
import type { Counterfact } from './counterfacts.js';

/** A prompt and what the model should answer. */
export interface Expected {
  prompt: string;
  truth: string;
}

/** A fact to be rewritten. */
export interface FactRecord extends Expected {
  subject: string;
  /** Undefined where it is not known. */
  relation?: string | undefined;
  /** The new answer. */
  next: string;
  paraphrases: string[];
  /** Prompts about other subjects. */
  neighbours: Expected[];
}

/** What a file has: whole records, or facts that can become some. */
export interface Source {
  records: FactRecord[];
  facts: BaseFact[];
}

const easyEdit = z.object({
  records: z
    .array(
      z.object({
        prompt: z.string(),
        subject: z.string(),
        target_new: z.string(),
        ground_truth: z.string(),
        rephrase_prompt: z.union([z.string(), z.array(z.string())]),
        locality: z.array(z.object({ prompt: z.string(), ground_truth: z.string().nullish() })),
      }),
    )
    .min(1),
});

const answer = z.object({ str: z.string() });
const rome = z
  .array(
    z.object({
      requested_rewrite: z.object({
        prompt: z.string().includes('{}'),
        subject: z.string(),
        relation_id: z.string(),
        target_new: answer,
        target_true: answer,
      }),
      paraphrase_prompts: z.array(z.string()),
      neighborhood_prompts: z.array(z.string()),
    }),
  )
  .min(1);

const known = z
  .array(
    z.object({ subject: z.string(), attribute: z.string(), prompt: z.string(), relation_id: z.string() }),
  )
  .min(1);

/** Other wordings of a fact that are asked, at most. */
const PARAPHRASES = 3;

/**
 * What is in a file, whose format is told by what it looks like.
 * @throws InputError that names the file, the field and what is wrong
 */
export function readSource(path: string): Source {
  const value = readJson(path, z.unknown());
  const source = { path, value };
  if (Array.isArray(value)) {
    const first: unknown = value[0];
    const isRome = typeof first === 'object' && first !== null && 'requested_rewrite' in first;
    return isRome
      ? { records: readJson(source, rome).map(fromRome), facts: [] }
      : { records: [], facts: ofKnownFacts(readJson(source, known)) };
  }
  if (typeof value === 'object' && value !== null && 'records' in value) {
    return { records: readJson(source, easyEdit).records.map(fromEasyEdit), facts: [] };
  }
  return { records: [], facts: continuing(readFactBase(path)) };
}

/** A record that was made of facts. */
export function fromCounterfact({ fact, to, neighbours }: Counterfact): FactRecord {
  const [prompt = '', ...others] = fact.prompts;
  return {
    prompt,
    subject: fact.subject,
    relation: fact.relation,
    truth: fact.object,
    next: to,
    paraphrases: [...fact.heldOut, ...others].slice(0, PARAPHRASES),
    neighbours: neighbours.map(({ prompts, object }) => ({ prompt: prompts[0] ?? '', truth: object })),
  };
}

/** EasyEdit's file leaves out what neighbours answer: in CounterFact they are those that share the true answer. */
function fromEasyEdit(one: z.infer<typeof easyEdit>['records'][number]): FactRecord {
  return {
    prompt: one.prompt,
    subject: one.subject,
    truth: one.ground_truth,
    next: one.target_new,
    paraphrases: [one.rephrase_prompt].flat(),
    neighbours: one.locality.map((other) => ({
      prompt: other.prompt,
      truth: other.ground_truth ?? one.ground_truth,
    })),
  };
}

function fromRome({
  requested_rewrite: asked,
  paraphrase_prompts,
  neighborhood_prompts,
}: z.infer<typeof rome>[number]): FactRecord {
  const truth = asked.target_true.str;
  return {
    prompt: asked.prompt.replace('{}', () => asked.subject),
    subject: asked.subject,
    relation: asked.relation_id,
    truth,
    next: asked.target_new.str,
    paraphrases: paraphrase_prompts,
    neighbours: neighborhood_prompts.map((prompt) => ({ prompt, truth })),
  };
}

/** The wordings of a relation are those of its facts, with another subject in its place; a fact's own comes first. */
function ofKnownFacts(facts: z.infer<typeof known>): BaseFact[] {
  const usable = facts.filter(({ prompt, subject }) => prompt.includes(subject));
  const templateOf = ({ prompt, subject }: z.infer<typeof known>[number]) => prompt.replace(subject, '[X]');
  const templates = new Map<string, Set<string>>();
  for (const one of usable) {
    const own = templates.get(one.relation_id) ?? new Set();
    templates.set(one.relation_id, own.add(templateOf(one)));
  }
  return usable.map((one) => {
    const all = [...(templates.get(one.relation_id) ?? [])];
    const prompts = all.map((template) => template.replace('[X]', () => one.subject));
    return {
      relation: one.relation_id,
      subject: one.subject,
      object: one.attribute,
      prompts: [one.prompt],
      heldOut: prompts.filter((prompt) => prompt !== one.prompt),
      templates: all,
    };
  });
}

/** Facts on which settings are chosen, at most: a third of all where those are few. */
const TUNING = 30;

export const SPLITS = ['tune', 'held-out'] as const;
export type Split = (typeof SPLITS)[number];

/** Some of the cases in random order: those on which settings are chosen, and all others. */
export function split<T>(cases: readonly T[], random: () => number): Record<Split, T[]> {
  const order = draw(cases, cases.length, random);
  const count = Math.min(TUNING, Math.floor(order.length / 3));
  return { tune: order.slice(0, count), 'held-out': order.slice(count) };
}
