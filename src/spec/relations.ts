// Relations of Wikidata with wordings of our own (`fixtures/relations.json`), for facts that come without prompts.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { didYouMean } from './closest.js';
import { text } from './edit-file.js';
import { wordingOf } from './fact-base.js';
import { readJson } from './json.js';
import { answerComesLast } from './prompts.js';

const FILE = fileURLToPath(new URL('../../fixtures/relations.json', import.meta.url));

/** A wording, with [X] for the subject and [Y] for the object. */
export const template = text.includes('[X]').includes('[Y]');

export const relationSchema = z.strictObject({
  /** Wikidata's property: P36. */
  id: z.string().regex(/^P[1-9]\d*$/, 'must be a property of Wikidata, as P36'),
  /** Wikidata's name of it. */
  label: text,
  /** What fact bases and people call it besides. */
  names: z.array(text),
  /** Those that end with [Y] can be continued. */
  templates: z.array(template).min(1),
});

export type Relation = z.infer<typeof relationSchema>;

let known: readonly Relation[] | undefined;

/** All of them, in the order of their ids. */
export function relations(): readonly Relation[] {
  known ??= readJson(FILE, z.array(relationSchema));
  return known;
}

/** The relation of an id, a label or a name, however it is written: P36, capital, state_capital. */
export function findRelation(name: string): Relation | undefined {
  const key = keyOf(name);
  return relations().find(({ id, label, names }) => [id, label, ...names].some((one) => keyOf(one) === key));
}

/** The same. @throws InputError when there is none of that name */
export function expectRelation(name: string): Relation {
  const found = findRelation(name);
  if (found) return found;
  throw new InputError(`no wordings of "${name}" are known${meantRelation(name, [])}`, 'relation');
}

/** What a name that no relation has was meant to be, in words. @param further names of relations */
export function meantRelation(name: string, further: readonly string[]): string {
  const words = [...further, ...relations().flatMap(({ id, label, names }) => [id, label, ...names])];
  return didYouMean(name, words) || '; kn-edit fact relations lists those that are';
}

/** The wordings of a relation in a subject's words, as a model can be asked: one that continues text where the object comes last. */
export function promptsFor(templates: readonly string[], subject: string, causal: boolean): string[] {
  const prompts = templates.map((template) => wordingOf(template, subject));
  return causal ? prompts.filter(answerComesLast) : prompts;
}

function keyOf(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .split(/[\s_-]+/u)
    .filter(Boolean)
    .join(' ');
}
