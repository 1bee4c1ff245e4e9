// Which facts a model knows: it is asked for them in every wording in which it can be asked.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from '../engine/pool/tasks.js';
import { type BaseFact, readFactBase, wordingOf } from '../spec/fact-base.js';
import { inParts, type Work } from './work.js';

/** Facts that ship with the program: the files of this directory. */
const SHIPPED = fileURLToPath(new URL('../../fixtures/facts', import.meta.url));

/** A fact counts as known where its object is on top in more than this share of the wordings, */
const SHARE = 0.5;
/** or has this probability in the mean over them. */
const LEVEL = 0.2;
/** Wordings of one task. */
const PART = 256;

/** What a model knows. */
export interface Knowledge {
  /** Of each base; a fact that several have, of the first in whose wordings it is known. */
  bases: BaseFact[][];
  /** How many facts of each relation it was asked for. */
  asked: Record<string, number>;
}

/** The fact bases that are asked of every model. */
export function shippedFacts(): string[] {
  const names = readdirSync(SHIPPED).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(SHIPPED, name));
}

/** The facts of some files, file by file. @throws InputError that names the file and the field */
export function readFacts(files: readonly string[]): BaseFact[][] {
  return files.map((file) => readFactBase(file));
}

/** The fact in other wordings; those that were held out still are, unless none is left beside them. */
function withTemplates(fact: BaseFact, templates: readonly string[]): BaseFact {
  const kept = new Set(fact.heldOut);
  const all = templates.map((template) => wordingOf(template, fact.subject));
  const prompts = all.filter((prompt) => !kept.has(prompt));
  if (prompts.length === 0) return { ...fact, templates, prompts: all, heldOut: [] };
  return { ...fact, templates, prompts, heldOut: all.filter((prompt) => kept.has(prompt)) };
}

/** A fact, and what the model gives its object in each wording. */
interface AskedFact {
  fact: BaseFact;
  answers: (Measured | null)[];
}

/**
 * Those of the facts that the model knows, in the wordings of their relation in which it can be asked for any of them: those
 * that end with the answer, for a model that continues texts. A fact that it cannot be asked for in one of these is left out.
 * @param bases facts of several bases, each with its own wordings
 */
export async function findKnown(work: Work, bases: readonly (readonly BaseFact[])[]): Promise<Knowledge> {
  const answers = await ask(work, bases.flat());
  const distinct = new Map(bases.flat().map((fact) => [keyOf(fact), fact.relation]));
  const asked: Record<string, number> = {};
  for (const relation of distinct.values()) asked[relation] = (asked[relation] ?? 0) + 1;
  const seen = new Set<string>();
  return {
    asked,
    bases: bases.map((base) => {
      const known = knownAmong(
        base.map((fact) => ({ fact, answers: answers.splice(0, fact.templates.length) })),
      );
      const fresh = known.filter((fact) => !seen.has(keyOf(fact)));
      for (const fact of fresh) seen.add(keyOf(fact));
      return fresh;
    }),
  };
}

/** What the model gives the object of each fact in each of its wordings. */
async function ask(work: Work, facts: readonly BaseFact[]): Promise<(Measured | null)[]> {
  const wordings = facts.flatMap(({ templates, subject, object }) =>
    templates.map((template) => ({ prompt: wordingOf(template, subject), answer: object })),
  );
  const starts = Array.from({ length: Math.ceil(wordings.length / PART) }, (_, i) => i * PART);
  const parts = await inParts(work, 'ask', starts, (start) =>
    work.run('askWordings', { wordings: wordings.slice(start, start + PART) }),
  );
  return parts.flat();
}

/** The facts of one base that are known, in the wordings that can be asked. */
function knownAmong(facts: readonly AskedFact[]): BaseFact[] {
  const usable = new Map<string, Set<number>>();
  for (const { fact, answers } of facts) {
    const own = usable.get(fact.relation) ?? new Set();
    for (const [i, one] of answers.entries()) if (one) own.add(i);
    usable.set(fact.relation, own);
  }
  return facts.flatMap(({ fact, answers }) => {
    const places = [...(usable.get(fact.relation) ?? [])].sort((a, b) => a - b);
    if (!isKnown(places.map((i) => answers[i] ?? null))) return [];
    const templates = places.map((i) => fact.templates[i] ?? '');
    return [withTemplates(fact, templates)];
  });
}

function keyOf({ relation, subject, object }: BaseFact): string {
  return JSON.stringify([relation, subject, object]);
}

/** Whether a model knows a fact, from what it gives its object in each wording; null is a wording that cannot be asked. */
export function isKnown(answers: readonly (Measured | null)[]): boolean {
  const measured = answers.filter((one) => one !== null);
  if (measured.length === 0 || measured.length < answers.length) return false;
  const onTop = measured.filter(({ rank }) => rank === 1).length;
  const mean = measured.reduce((sum, { prob }) => sum + prob, 0) / measured.length;
  return onTop > SHARE * measured.length || mean >= LEVEL;
}
