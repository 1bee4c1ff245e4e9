// Where a fact can come from: files, the model's fact base, or the user's own words. As entries of a list.
import { basename } from 'node:path';
import { errorData } from '../../errors.js';
import type { BaseFact, EditFile, Session } from '../../index.js';
import { printable } from '../../report/style.js';
import type { Draft } from '../bench.js';
import type { Field } from '../hooks/use-table.js';

export type Entry = { label: string; note: string } & (
  | { kind: 'new' | 'path' }
  | { kind: 'draft'; draft: Draft }
  | { kind: 'file'; path: string }
  | { kind: 'relation'; relation: string }
  | { kind: 'wordings'; relation: string; templates: readonly string[] }
  | { kind: 'fact'; fact: BaseFact }
);

/** A fact of the model's fact base; where its relation is not open, with that beside it. */
function factEntry(fact: BaseFact, note: string): Entry {
  return { kind: 'fact', fact, label: printable(fact.subject), note: printable(note) };
}

/** Everything that there is without a search: drafts, files, what can be begun, and the relations. */
export function ownEntries(
  drafts: readonly Draft[],
  files: readonly string[],
  facts: readonly BaseFact[],
): Entry[] {
  const counts = new Map<string, number>();
  for (const { relation } of facts) counts.set(relation, (counts.get(relation) ?? 0) + 1);
  const relations = [...counts].map(([relation, count]): Entry => {
    return { kind: 'relation', relation, label: printable(relation), note: `${count} facts` };
  });
  return [
    ...drafts.map(
      (draft): Entry => ({ kind: 'draft', draft, label: printable(draft.edit.name), note: 'draft' }),
    ),
    ...files.map((path): Entry => ({ kind: 'file', path, label: printable(basename(path)), note: '' })),
    { kind: 'new', label: '+ write a fact', note: '' },
    { kind: 'path', label: '+ open a file by its path', note: '' },
    ...relations,
  ];
}

/** The facts, as a search over all relations lists them. */
export function factEntries(facts: readonly BaseFact[]): Entry[] {
  return facts.map((fact) => factEntry(fact, fact.relation));
}

/** The facts of one relation, and a new one of the same wordings. */
export function relationEntries(facts: readonly BaseFact[], relation: string): Entry[] {
  const own = facts.filter((fact) => fact.relation === relation);
  const templates = own[0]?.templates ?? [];
  return [
    { kind: 'wordings', relation, templates, label: '+ new fact, these wordings', note: '' },
    ...own.map((fact) => factEntry(fact, fact.object)),
  ];
}

/** Columns of the list; a fact is found by all of its words. */
export const ENTRY_FIELDS: readonly Field<Entry>[] = [
  { title: 'name', show: ({ label }) => label },
  {
    title: 'what',
    width: 'own',
    align: 'right',
    show: ({ note }) => note,
    words: (one) => (one.kind === 'fact' ? `${one.fact.relation} ${one.fact.object}` : one.note),
  },
];

/** What an entry opens: an edit, a relation with its wordings, or why it cannot be opened. */
export type Opened =
  | { edit: EditFile }
  | { relation: string; templates: readonly string[] }
  | { problem: string };

/** @returns undefined for what has to be asked for first */
export function openEntry(session: Session, entry: Entry): Opened | undefined {
  switch (entry.kind) {
    case 'file':
      return openFile(session, entry.path);
    case 'draft':
      return { edit: entry.draft.edit };
    case 'fact': {
      const { subject, relation, object, prompts, heldOut } = entry.fact;
      return { edit: session.draft({ subject, relation, object, prompts }, heldOut) };
    }
    case 'new':
      return { edit: session.draft({ subject: '', relation: '', object: '', prompts: [] }) };
    case 'wordings': {
      const prompts = entry.templates.map((template) => template.replace('[Y]', '[MASK]'));
      return { edit: session.draft({ subject: '', relation: entry.relation, object: '', prompts }) };
    }
    case 'relation': {
      const templates = session.facts.find(({ relation }) => relation === entry.relation)?.templates ?? [];
      return { relation: entry.relation, templates };
    }
    case 'path':
      return undefined;
  }
}

export function openFile(session: Session, path: string): Opened {
  try {
    return { edit: session.read(path) };
  } catch (error) {
    return { problem: errorData(error).message };
  }
}
