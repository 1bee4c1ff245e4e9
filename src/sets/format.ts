// What a format of data sets is, and what the formats share: texts, records that become items or are set aside.
import { z } from 'zod';
import { type ProbeSpec, text } from '../spec/edit-file.js';
import { must } from '../spec/faults.js';
import { validate } from '../spec/json.js';
import type { Entry } from './entries.js';
import { PROBE_ROLES, type ReadRecord, type SetItem, type SetProbes } from './set.js';

/** A format of data sets. */
export interface Format {
  /** One word, for scripts. */
  name: string;
  /** For people. */
  title: string;
  /** Whether a record is of this format, as far as its fields tell. */
  fits(entry: Entry): boolean;
  /**
   * What the records of a file become. A list that stands in one record comes one by one.
   * @param path for messages
   * @throws InputError that names file, record and field
   */
  read(entries: Iterable<Entry>, path: string): Iterable<ReadRecord>;
}

/** Why a record is no item. */
export const NO_PROMPT = 'it has no prompt';
const NO_OBJECT = 'it names no true answer';
/** Why a probe is left out. */
const EMPTY_PROBE = 'probes without a prompt or without an answer';

/** A text that may be empty. */
export const loose = z.string().max(10_000);
/** A text, or several that say the same. */
export const oneOrMore = z.union(
  [loose.transform((one) => [one]), z.array(loose).max(1000)],
  must('must be text, or a list of texts'),
);
/** An id as files write it. */
export const ownId = z.union([text, z.number()], must('must be a word or a number'));

/** A record's value by a schema. @throws InputError that names file, record and field */
export function parse<T extends z.ZodType>(path: string, { place, value }: Entry, schema: T): z.infer<T> {
  return validate(`${path}: ${place}`, value, schema);
}

/** Whether a value is an object that has all of some fields. */
export function has(value: unknown, ...fields: string[]): value is Record<string, unknown> {
  return isObject(value) && fields.every((field) => Object.hasOwn(value, field));
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A format whose records are one item each, or none. */
export function recordFormat<T extends z.ZodType>(
  format: Pick<Format, 'name' | 'title' | 'fits'> & {
    schema: T;
    item: (record: z.infer<T>, entry: Entry) => ReadRecord;
  },
): Format {
  const { name, title, fits, schema, item } = format;
  return {
    name,
    title,
    fits,
    *read(entries, path) {
      for (const entry of entries) yield item(parse(path, entry, schema), entry);
    },
  };
}

/** What a record says, before it is known whether that is enough. */
export interface Said {
  id: string | number;
  place: string;
  subject: string;
  relation: string;
  /** The true answer; empty where none is named. */
  object: string | undefined;
  /** Further true answers. */
  alsoTrue?: readonly string[];
  prompts: readonly string[];
  to?: string | undefined;
  probes?: Partial<Record<keyof SetProbes, readonly AskedFor[]>>;
  leftOut?: readonly string[];
}

/** A probe, which may lack what it takes. */
export interface AskedFor {
  prompt: string;
  expect: string | undefined;
}

/** The item that a record is, or why it is none. Blanks around texts are dropped: the answer's own space is the model's. */
export function itemOf(said: Said): ReadRecord {
  const { id, place, subject, relation } = said;
  const object = said.object?.trim() ?? '';
  const to = said.to?.trim();
  const alsoTrue = (said.alsoTrue ?? []).map((one) => one.trim()).filter((one) => one && one !== object);
  const prompts = said.prompts.map((prompt) => prompt.trim()).filter(Boolean);
  const leftOut = [...(said.leftOut ?? [])];
  if (prompts.length === 0 || object === '') {
    return { place, items: [], setAside: object === '' ? NO_OBJECT : NO_PROMPT, leftOut };
  }
  const probes: SetProbes = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
  for (const role of PROBE_ROLES) {
    for (const one of said.probes?.[role] ?? []) {
      const probe: ProbeSpec = { prompt: one.prompt.trim(), expect: one.expect?.trim() ?? '' };
      if (probe.prompt === '' || probe.expect === '') leftOut.push(EMPTY_PROBE);
      else probes[role].push(probe);
    }
  }
  const item: SetItem = {
    id: String(id),
    place,
    fact: { subject, relation: relation.trim() || UNNAMED, object, prompts },
    ...(alsoTrue.length > 0 && { alsoTrue }),
    ...(to && { to }),
    probes,
  };
  return { place, items: [item], leftOut };
}

/** A relation of which nothing is known. */
export const UNNAMED = 'unnamed';

/** The relation of a record that names none: its prompt, with [X] where the subject stands. */
export function relationIn(prompt: string, subject: string): string {
  return subject !== '' && prompt.includes(subject) ? prompt.replace(subject, () => '[X]').trim() : UNNAMED;
}

/** Prompts that expect one answer. */
export function expecting(prompts: readonly string[], expect: string | undefined): AskedFor[] {
  return prompts.map((prompt) => ({ prompt, expect }));
}

/** What EasyEdit adds to records of CounterFact and zsRE: a question that follows from the new answer. */
export const newQuestion = z.object({ 'New Question': loose, 'New Answer': loose }).optional();

/** The same as a probe. */
export function portabilityOf(added: z.infer<typeof newQuestion>): AskedFor[] {
  return added ? expecting([added['New Question']], added['New Answer']) : [];
}

/** The Wikidata relation that a file is named after: `P36` of `P36.jsonl` and of `trex_lms_vocab-P36.jsonl`. */
export function relationOfFile(file: string): string | undefined {
  return /(?<![A-Za-z0-9])P\d+(?!\d)/.exec(file)?.[0];
}
