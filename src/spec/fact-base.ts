// A fact base: facts in relations, with the wordings that all facts of a relation share. `facts.json` beside a model's
// weights has those that it is known to hold, `fixtures/facts` those of the world, which any model may be asked for.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readJson } from './json.js';
import { answerComesLast, MASK } from './prompts.js';

/**
 * What all wordings of all facts come to at most, in characters: every fact has every wording of its relation, so that a
 * small file can ask for more than any memory holds. kn-mini's are 0.6 million, those of LAMA and ParaRel 20 million.
 */
const MOST_CHARACTERS = 100_000_000;

/** Numbers of templates, from 0. */
const places = z.array(z.number().int().nonnegative());

const relation = z
  .object({
    /** Wordings, with [X] for the subject and [Y] for the object. */
    templates: z.array(z.string().includes('[X]').includes('[Y]')).min(1),
    /** Templates that are kept from the model: for measuring paraphrases, not for locating. */
    heldOut: places.default([]),
    facts: z
      .array(
        z.object({
          subject: z.string(),
          object: z.string(),
          /** Those that are kept from it for this fact, where they are others. */
          heldOut: places.optional(),
        }),
      )
      .min(1),
  })
  .superRefine(({ templates, heldOut, facts }, { addIssue }) => {
    const check = (place: number, path: (string | number)[]) => {
      if (place < templates.length) return;
      addIssue({
        code: 'custom',
        path,
        message: `must be below ${templates.length}, the number of templates`,
      });
    };
    for (const [i, place] of heldOut.entries()) check(place, ['heldOut', i]);
    for (const [i, fact] of facts.entries()) {
      for (const [j, place] of (fact.heldOut ?? []).entries()) check(place, ['facts', i, 'heldOut', j]);
    }
  });

/** A fact base as its file has it. */
export const factBaseSchema = z.record(z.string(), relation);

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
  return factsIn(path, readJson(path, factBaseSchema));
}

/** The facts of a base that was read. @throws InputError that names the file when there is too much of them */
export function factsIn(path: string, base: z.infer<typeof factBaseSchema>): BaseFact[] {
  const relations = Object.entries(base);
  if (relations.reduce((sum, [, one]) => sum + charactersOf(one), 0) > MOST_CHARACTERS) {
    throw new InputError(
      `${path}: the wordings of all facts come to over ${MOST_CHARACTERS} characters; no more are read`,
    );
  }
  return relations.flatMap(([name, { templates, heldOut: shared, facts }]) =>
    facts.map(({ subject, object, heldOut = shared }) => {
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

/**
 * The facts as a causal model can be asked for them: in the wordings in which the object comes last. Those that have no
 * such wording to be located by are left out.
 */
export function continuing(facts: readonly BaseFact[]): BaseFact[] {
  return facts
    .map((fact) => ({
      ...fact,
      prompts: fact.prompts.filter(answerComesLast),
      heldOut: fact.heldOut.filter(answerComesLast),
      templates: fact.templates.filter((template) => answerComesLast(wordingOf(template, ''))),
    }))
    .filter(({ prompts }) => prompts.length > 0);
}

/** The text of a fact base file with these facts. */
export function factBaseJson(facts: readonly BaseFact[]): string {
  return `${JSON.stringify(factBaseOf(facts), null, 1)}\n`;
}

/** A fact base with these facts. */
export function factBaseOf(facts: readonly BaseFact[]): z.input<typeof factBaseSchema> {
  const relations = new Map<string, z.input<typeof relation>>();
  for (const { relation: name, templates, subject, object, heldOut } of facts) {
    const one = relations.get(name) ?? { templates: [...templates], facts: [] };
    const kept = new Set(heldOut);
    const places = templates.flatMap((template, i) => (kept.has(wordingOf(template, subject)) ? [i] : []));
    one.facts.push({ subject, object, heldOut: places });
    relations.set(name, one);
  }
  return Object.fromEntries(relations);
}

/** A template in a subject's words, with [MASK] where the object belongs. */
export function wordingOf(template: string, subject: string): string {
  // A text in place of the function would be read for `$&` and the like.
  return template.replace('[Y]', MASK).replace('[X]', () => subject);
}

function charactersOf({ templates, facts }: z.infer<typeof relation>): number {
  const sum = (lengths: number[]) => lengths.reduce((total, length) => total + length, 0);
  const wordings = sum(templates.map(({ length }) => length));
  return facts.length * wordings + templates.length * sum(facts.map(({ subject }) => subject.length));
}
