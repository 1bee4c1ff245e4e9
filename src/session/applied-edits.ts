// The applied edits as facts: what the model, as edited, is meant to answer.
import { z } from 'zod';
import type { Ledger } from '../ledger/ledger.js';
import { isOwn, type ProbeResult } from '../probe/results.js';
import { type Intent, reaches } from '../probe/standing.js';
import { type Operation, operationSchema, type TargetSpec, targetSchema } from '../spec/edit-file.js';
import type { BaseFact } from '../spec/fact-base.js';
import { promptKey } from '../spec/prompts.js';

/** An edit of a fact, or of all facts of a relation; a patch has none. */
export interface AppliedEdit {
  id: number;
  name: string;
  /** Whether it is of a relation, of which single facts can be edited again. */
  ofRelation: boolean;
  /** Undefined for a relation. */
  subject: string | undefined;
  intent: Intent;
  /** What tells its fact from others: subject and relation, and every wording. Of a relation, every wording. */
  keys: ReadonlySet<string>;
  /** The answer that is wanted ("Astana"), or not wanted any more ("not Fe"). */
  wants: string;
  /** The new answer of a rewrite that brought it to the top on most of its target prompts, where it is a word. */
  answer: string | undefined;
  /** Its own probes (target and paraphrase), before it and as it left them. */
  before: ProbeResult[];
  after: ProbeResult[];
}

const specification = z.looseObject({
  fact: z.looseObject({ subject: z.string(), relation: z.string(), object: targetSchema }),
  operation: operationSchema,
});

const ofRelation = z.looseObject({ topic: z.looseObject({ relation: z.string() }) });

/** What an operation wants of its fact. */
export function intentOf(operation: Operation): Intent {
  switch (operation.type) {
    case 'rewrite':
      return 'replace';
    case 'amplify':
    case 'scale':
      return operation.factor < 1 ? 'lower' : 'raise';
    default:
      return 'lower';
  }
}

/** The edits with these ids, in their order, as far as they have a fact. */
export function readAppliedEdits(ledger: Ledger, ids: readonly number[]): AppliedEdit[] {
  return ledger.edits.intents(ids).flatMap(({ id, name, specification: stored, before, after }) => {
    if (ofRelation.safeParse(stored).success) return [erasedRelation(id, name, before, after)];
    const found = specification.safeParse(stored);
    if (!found.success || before.length === 0) return []; // a patch
    return [asApplied({ id, name }, found.data, before, after)];
  });
}

/** An edit as the ledger will know it. @param before all of its probes before it, @param after as it left them */
export function asApplied(
  { id, name }: { id: number; name: string },
  { fact, operation }: z.infer<typeof specification>,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): AppliedEdit {
  const intent = intentOf(operation);
  const to = operation.type === 'rewrite' ? operation.to : fact.object;
  const targets = after.filter(({ role }) => role === 'target');
  const won = targets.filter((one) => reaches(intent, one)).length;
  const replaced = intent === 'replace' && typeof to === 'string' && 2 * won > targets.length;
  const { subject, relation } = fact;
  const prompts = before.filter(isOwn).map(({ prompt }) => prompt);
  return {
    id,
    name,
    ofRelation: false,
    subject,
    intent,
    keys: factKeys({ subject, relation, prompts }),
    wants: intent === 'lower' ? `not ${words(fact.object)}` : words(to),
    answer: replaced ? to : undefined,
    before: before.filter(isOwn),
    after: after.filter(isOwn),
  };
}

function erasedRelation(
  id: number,
  name: string,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): AppliedEdit {
  const own = before.filter(isOwn);
  return {
    id,
    name,
    ofRelation: true,
    subject: undefined,
    intent: 'lower',
    keys: new Set(own.map(({ prompt }) => promptKey(prompt))),
    wants: 'other answers',
    answer: undefined,
    before: own,
    after: after.filter(isOwn),
  };
}

function words(target: TargetSpec): string {
  return typeof target === 'string' ? target.trim() : `token ${target.id}`;
}

/** What tells a fact from others. */
export interface FactKey {
  subject: string;
  relation: string;
  prompts: readonly string[];
  /** Further wordings. */
  heldOut?: readonly string[] | undefined;
}

const known = new WeakMap<FactKey, ReadonlySet<string>>();

/** Subject and relation, and every wording: two facts with one key in common are the same. */
export function factKeys(fact: FactKey): ReadonlySet<string> {
  const found = known.get(fact);
  if (found) return found;
  const wordings = [...fact.prompts, ...(fact.heldOut ?? [])];
  const keys = new Set([
    `${promptKey(fact.subject)}\n${promptKey(fact.relation)}`,
    ...wordings.map(promptKey),
  ]);
  known.set(fact, keys);
  return keys;
}

/** Whether two sets of keys belong to one fact. */
export function sameFact(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const key of one) if (other.has(key)) return true;
  return false;
}

/** The edits without those whose fact a later one edits again: what is wanted of the model. */
export function inForce(edits: readonly AppliedEdit[]): AppliedEdit[] {
  const seen = new Set<string>();
  return edits
    .toReversed()
    .flatMap((edit) => {
      const left = leftOf(edit, seen);
      for (const key of edit.keys) seen.add(key);
      return left ?? [];
    })
    .reverse();
}

/**
 * What is wanted of an edit when what these keys belong to is edited again: all of it, where that is something else; of a
 * relation, its other facts; else nothing.
 */
export function leftOf(edit: AppliedEdit, again: ReadonlySet<string>): AppliedEdit | undefined {
  if (!sameFact(edit.keys, again)) return edit;
  const isLeft = ({ prompt }: ProbeResult) => !again.has(promptKey(prompt));
  const before = edit.before.filter(isLeft);
  if (!edit.ofRelation || before.length === 0) return undefined;
  const keys = new Set(before.map(({ prompt }) => promptKey(prompt)));
  return { ...edit, keys, before, after: edit.after.filter(isLeft) };
}

/**
 * A fact base as the edits in force leave it: rewritten facts with their new object. What an edit suppressed, erased or
 * did not bring to the top is left out: nothing is expected there.
 */
export function factsAsEdited(facts: readonly BaseFact[], edits: readonly AppliedEdit[]): BaseFact[] {
  const byKey = new Map(edits.flatMap((edit) => [...edit.keys].map((key) => [key, edit])));
  if (byKey.size === 0) return [...facts];
  return facts.flatMap((fact) => {
    const edit = [...factKeys(fact)].map((key) => byKey.get(key)).find((one) => one !== undefined);
    if (!edit || edit.intent === 'raise') return [fact];
    return edit.answer === undefined ? [] : [{ ...fact, object: edit.answer }];
  });
}
