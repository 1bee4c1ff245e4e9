// A model's fact base (`facts.json` beside its weights): the facts that it is known to hold, with their wordings.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readJson } from './json.js';

/**
 * What all wordings of all facts come to at most, in characters: every fact has every wording of its relation, so that a
 * small file can ask for more than any memory holds. kn-mini's are 0.6 million, those of LAMA and ParaRel 20 million.
 */
const MOST_CHARACTERS = 100_000_000;

const relation = z.object({
  /** Wordings, with [X] for the subject and [Y] for the object. */
  templates: z.array(z.string().includes('[X]').includes('[Y]')).min(1),
  facts: z
    .array(
      z.object({
        subject: z.string(),
        object: z.string(),
        /** Templates that were kept from the model for this fact: for measuring paraphrases, not for locating. */
        heldOut: z.array(z.number().int().nonnegative()).default([]),
      }),
    )
    .min(1),
});

const schema = z.record(z.string(), relation);

/** A fact of the base, with its prompts. */
export interface BaseFact {
  relation: string;
  subject: string;
  object: string;
  /** The wordings for locating it. */
  prompts: string[];
  /** The held-out wordings. */
  heldOut: string[];
  /** All wordings of its relation, with [X] for the subject and [Y] for the object. */
  templates: readonly string[];
}

/** Reads a fact base. @throws InputError that names the file and the field */
export function readFactBase(path: string): BaseFact[] {
  const relations = Object.entries(readJson(path, schema));
  if (relations.reduce((sum, [, one]) => sum + charactersOf(one), 0) > MOST_CHARACTERS) {
    throw new InputError(
      `${path}: the wordings of all facts come to over ${MOST_CHARACTERS} characters; no more are read`,
    );
  }
  return relations.flatMap(([name, { templates, facts }]) =>
    facts.map(({ subject, object, heldOut }) => {
      const kept = new Set(heldOut);
      const prompts = templates.map((template) => wordingOf(template, subject));
      return {
        relation: name,
        subject,
        object,
        prompts: prompts.filter((_, i) => !kept.has(i)),
        heldOut: prompts.filter((_, i) => kept.has(i)),
        templates,
      };
    }),
  );
}

/** The text of a fact base file with these facts. */
export function factBaseJson(facts: readonly BaseFact[]): string {
  const relations = new Map<string, z.input<typeof relation>>();
  for (const { relation: name, templates, subject, object, heldOut } of facts) {
    const one = relations.get(name) ?? { templates: [...templates], facts: [] };
    const kept = new Set(heldOut);
    const places = templates.flatMap((template, i) => (kept.has(wordingOf(template, subject)) ? [i] : []));
    one.facts.push({ subject, object, heldOut: places });
    relations.set(name, one);
  }
  return `${JSON.stringify(Object.fromEntries(relations), null, 1)}\n`;
}

function wordingOf(template: string, subject: string): string {
  // A text in place of the function would be read for `$&` and the like.
  return template.replace('[Y]', '[MASK]').replace('[X]', () => subject);
}

function charactersOf({ templates, facts }: z.infer<typeof relation>): number {
  const sum = (lengths: number[]) => lengths.reduce((total, length) => total + length, 0);
  const wordings = sum(templates.map(({ length }) => length));
  return facts.length * wordings + templates.length * sum(facts.map(({ subject }) => subject.length));
}
