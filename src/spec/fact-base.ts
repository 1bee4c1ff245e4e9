// A model's fact base (`facts.json` beside its weights): the facts that it is known to hold, with their wordings.
import { z } from 'zod';
import { readJson } from './json.js';

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
  return Object.entries(readJson(path, schema)).flatMap(([name, { templates, facts }]) =>
    facts.map(({ subject, object, heldOut }) => {
      const prompts = templates.map((template) => template.replace('[X]', subject).replace('[Y]', '[MASK]'));
      return {
        relation: name,
        subject,
        object,
        prompts: prompts.filter((_, i) => !heldOut.includes(i)),
        heldOut: prompts.filter((_, i) => heldOut.includes(i)),
        templates,
      };
    }),
  );
}
