// Where a fact can come from: files, the model's fact base, or the user's own words. As entries of a list.
import { basename } from 'node:path';
import { errorData } from '../../errors.js';
import type { BaseFact, EditFile, Session } from '../../index.js';
import { printable } from '../../report/style.js';
import type { Draft } from '../bench.js';

export type Entry = { label: string; note: string } & (
  | { kind: 'new' | 'path' }
  | { kind: 'draft'; draft: Draft }
  | { kind: 'file'; path: string }
  | { kind: 'relation'; relation: string }
  | { kind: 'wordings'; relation: string; templates: readonly string[] }
  | { kind: 'fact'; fact: BaseFact }
);

/** Facts that a search lists; more are a reason to type on. */
const FOUND = 200;

/**
 * The entries of the list: everything, or the facts of one relation, or what a search finds.
 * @param relation the relation that is open
 */
export function entriesOf(
  drafts: readonly Draft[],
  files: readonly string[],
  facts: readonly BaseFact[],
  relation: string | undefined,
  search: string,
): Entry[] {
  const found = (text: string) =>
    search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.toLowerCase().includes(word));
  const factEntry = (fact: BaseFact): Entry => ({
    kind: 'fact',
    fact,
    label: printable(fact.subject),
    note: printable(relation ? fact.object : fact.relation),
  });
  if (relation !== undefined) {
    const own = facts.filter((fact) => fact.relation === relation);
    const wordings: Entry = {
      kind: 'wordings',
      relation,
      templates: own[0]?.templates ?? [],
      label: '+ new fact, these wordings',
      note: '',
    };
    return [
      ...(search === '' ? [wordings] : []),
      ...own.filter(({ subject, object }) => found(`${subject} ${object}`)).map(factEntry),
    ];
  }
  const counts = new Map<string, number>();
  for (const fact of facts) counts.set(fact.relation, (counts.get(fact.relation) ?? 0) + 1);
  const relations = [...counts].map(([name, count]): Entry => {
    return { kind: 'relation', relation: name, label: printable(name), note: `${count} facts` };
  });
  const own: Entry[] = [
    ...drafts.map(
      (draft): Entry => ({ kind: 'draft', draft, label: printable(draft.edit.name), note: 'draft' }),
    ),
    ...files.map((path): Entry => ({ kind: 'file', path, label: printable(basename(path)), note: '' })),
    { kind: 'new', label: '+ write a fact', note: '' },
    { kind: 'path', label: '+ open a file by its path', note: '' },
    ...relations,
  ];
  if (search === '') return own;
  return [
    ...own.filter(({ label }) => found(label)),
    ...facts
      .filter((fact) => found(`${fact.subject} ${fact.relation} ${fact.object}`))
      .slice(0, FOUND)
      .map(factEntry),
  ];
}

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
