// Records of facts that are to be rewritten: those of a data set that ask for it, or facts that can become some.
import { InputError } from '../../errors.js';
import { draw } from '../../random.js';
import { readSet } from '../../sets/read.js';
import type { SetItem } from '../../sets/set.js';
import type { TargetSpec } from '../../spec/edit-file.js';
import { type BaseFact, continuing, readFactBase } from '../../spec/fact-base.js';
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

/** Other wordings of a fact that are asked, at most. */
const PARAPHRASES = 3;

/**
 * What is in a data set: records that ask for edits, or facts.
 * @throws InputError that names the file, the field and what is wrong
 */
export function readSource(path: string): Source {
  const { format, items } = readSet(path);
  if (format === 'fact-base') return { records: [], facts: continuing(readFactBase(path)) };
  const edits = items.filter(({ to }) => to !== undefined);
  if (edits.length === 0) return { records: [], facts: ofKnownFacts(items) };
  // EasyEdit's file does not name relations: what stands for them is a wording.
  const known = format !== 'easyedit';
  return { records: edits.map((item) => fromItem(item, known)), facts: [] };
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

function fromItem({ fact, to = '', probes }: SetItem, relationKnown: boolean): FactRecord {
  const { subject, relation, object, prompts } = fact;
  return {
    prompt: prompts[0] ?? '',
    subject,
    relation: relationKnown ? relation : undefined,
    truth: wordOf(object),
    next: wordOf(to),
    paraphrases: probes.paraphrase.map(({ prompt }) => prompt),
    neighbours: probes.neighborhood.map(({ prompt, expect }) => ({ prompt, truth: wordOf(expect) })),
  };
}

/** @throws InputError where an answer is given as a token id */
function wordOf(target: TargetSpec): string {
  if (typeof target === 'string') return target;
  throw new InputError(`token ${target.id}: is no word; evaluations over real facts ask for words`);
}

/** The wordings of a relation are those of its facts, with another subject in its place; a fact's own comes first. */
function ofKnownFacts(items: readonly SetItem[]): BaseFact[] {
  const facts = items.map(({ fact }) => ({ ...fact, prompt: fact.prompts[0] ?? '' }));
  const usable = facts.filter(({ prompt, subject }) => prompt.includes(subject));
  const templateOf = ({ prompt, subject }: (typeof facts)[number]) => prompt.replace(subject, '[X]');
  const templates = new Map<string, Set<string>>();
  for (const one of usable) {
    const own = templates.get(one.relation) ?? new Set();
    templates.set(one.relation, own.add(templateOf(one)));
  }
  return usable.map(({ relation, subject, object, prompt }) => {
    const all = [...(templates.get(relation) ?? [])];
    const prompts = all.map((template) => template.replace('[X]', () => subject));
    return {
      relation,
      subject,
      object: wordOf(object),
      prompts: [prompt],
      heldOut: prompts.filter((other) => other !== prompt),
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
