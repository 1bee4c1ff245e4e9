// Where a fact can come from: files, the model's fact base, or the user's own words. As entries of a list.
import { basename } from 'node:path';
import { errorData } from '../../errors.js';
import { printable } from '../../report/style.js';
import { type EditFile, editSchema, type Fact } from '../../spec/edit-file.js';
import type { BaseFact } from '../../spec/fact-base.js';
import { validate } from '../../spec/json.js';
import { readEdit, readFact } from '../../spec/read.js';

export type Entry = { label: string; note: string } & (
  | { kind: 'new' | 'path' }
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
  const relations = [...new Set(facts.map((fact) => fact.relation))].map((name): Entry => {
    const count = facts.filter((fact) => fact.relation === name).length;
    return { kind: 'relation', relation: name, label: printable(name), note: `${count} facts` };
  });
  const own: Entry[] = [
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

export function openEntry(entry: Entry, facts: readonly BaseFact[]): Opened | undefined {
  switch (entry.kind) {
    case 'file':
      return openFile(entry.path);
    case 'fact':
      return { edit: editOf(entry.fact) };
    case 'new':
      return { edit: draft({ subject: '', relation: '', object: '', prompts: [] }) };
    case 'wordings': {
      const prompts = entry.templates.map((template) => template.replace('[Y]', '[MASK]'));
      return { edit: draft({ subject: '', relation: entry.relation, object: '', prompts }) };
    }
    case 'relation': {
      const templates = facts.find(({ relation }) => relation === entry.relation)?.templates ?? [];
      return { relation: entry.relation, templates };
    }
    case 'path':
      return undefined;
  }
}

/** Opens an edit file, or a fact file, from which an edit is begun. */
export function openFile(path: string): Opened {
  try {
    const { fact, alone } = readFact(path);
    return { edit: alone ? draft(fact) : readEdit(path) };
  } catch (error) {
    return { problem: errorData(error).message };
  }
}

function editOf({ subject, relation, object, prompts, heldOut }: BaseFact): EditFile {
  const edit = draft({ subject, relation, object, prompts });
  return {
    ...edit,
    probes: { ...edit.probes, paraphrase: heldOut.map((prompt) => ({ prompt, expect: object })) },
  };
}

/** An edit that is begun from a fact. It suppresses, until something else is chosen. */
function draft(fact: Fact): EditFile {
  const name = [fact.subject, fact.relation].filter(Boolean).join(' ') || 'new fact';
  const words = { subject: 'subject', relation: 'relation', object: 'object', prompts: ['[MASK]'] };
  const edit = validate('edit', { name, fact: words, operation: { type: 'suppress' } }, editSchema);
  return { ...edit, fact }; // a fact that is being written is not whole yet
}
