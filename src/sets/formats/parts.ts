// Files that are parts of a set, and no facts by themselves: patterns, pairs, labels, templates, sentences.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import type { Entry } from '../entries.js';
import { type Format, has, loose, ownId, parse } from '../format.js';

/** A format of records that are set aside; `read` is for who puts the parts together. */
export interface PartFormat<T> extends Format {
  /** What a record holds. @throws InputError that names file, record and field */
  part(entry: Entry, path: string): T;
}

function partFormat<T extends z.ZodType>(
  format: Pick<Format, 'name' | 'title' | 'fits'> & {
    schema: T;
    reason: string;
    /** How many records of the set stand in one. */
    records?: (part: z.infer<T>) => number;
  },
): PartFormat<z.infer<T>> {
  const { name, title, fits, schema, reason, records = () => 1 } = format;
  const part = (entry: Entry, path: string) => parse(path, entry, schema);
  return {
    name,
    title,
    fits,
    part,
    *read(entries, path) {
      for (const entry of entries) {
        const count = records(part(entry, path));
        const { place } = entry;
        for (let i = 0; i < count; i++) yield { place, items: [], setAside: reason, leftOut: [] };
      }
    },
  };
}

const isPair = (one: unknown) =>
  Array.isArray(one) && one.length === 2 && one.every((text) => typeof text === 'string');
const isNeuron = (one: unknown) =>
  Array.isArray(one) && one.length === 2 && one.every((n) => Number.isInteger(n));
/** The first element tells what a list is of, so that a damaged one is named. */
const isListOf = (value: unknown, test: (one: unknown) => boolean) => Array.isArray(value) && test(value[0]);

const WITHOUT_FACTS = 'a wording without facts; give the directory that has both';
const WITHOUT_WORDINGS = 'a fact without wordings; give the directory that has both';
const NEURONS = 'neurons of a fact that stands elsewhere';

/** ParaRel's patterns of a relation, a file each. */
export const patterns = partFormat({
  name: 'pararel-patterns',
  title: 'patterns of ParaRel',
  fits: ({ value }) => has(value, 'pattern'),
  schema: z.object({ pattern: text.includes('[X]', 'must hold [X]').includes('[Y]', 'must hold [Y]') }),
  reason: WITHOUT_FACTS,
});

/** Subjects and objects of all relations, as the paper's repository lists them. */
export const pairs = partFormat({
  name: 'pararel-pairs',
  title: 'pairs of ParaRel',
  fits: ({ value, key }) => key !== undefined && isListOf(value, isPair),
  schema: z.array(z.tuple([text, loose])),
  reason: WITHOUT_WORDINGS,
  records: ({ length }) => length,
});

/** Facts of a relation with LAMA's ids, as yanaiela's ParaRel and EleutherAI have them. */
export const vocabulary = partFormat({
  name: 'pararel-vocabulary',
  title: 'facts of ParaRel by uuid',
  fits: ({ value }) => has(value, 'sub_label', 'obj_label', 'uuid') && !has(value, 'predicate_id'),
  schema: z.object({ sub_label: text, obj_label: loose, uuid: text }),
  reason: WITHOUT_WORDINGS,
});

/** LAMA's relations, with their labels and a pattern each. */
export const relations = partFormat({
  name: 'lama-relations',
  title: 'relations of LAMA',
  fits: ({ value }) => has(value, 'relation', 'template'),
  schema: z.object({ relation: text, template: text, label: text.optional() }),
  reason: WITHOUT_FACTS,
});

/** MQuAKE's templates by relation, cloze or question. */
export const templates = partFormat({
  name: 'mquake-templates',
  title: 'templates of MQuAKE',
  fits: ({ value, key }) => key !== undefined && typeof value === 'string' && value.includes('[X]'),
  schema: text.includes('[X]', 'must hold [X]'),
  reason: WITHOUT_FACTS,
});

/** Sentences of the web about the facts of a relation, in the order of the pairs: of subject and object, of the subject alone. */
export const distant = partFormat({
  name: 'bing-distant',
  title: 'sentences about the facts of ParaRel (BingDistantTREx)',
  fits: ({ value }) => has(value, 'th_bags', 'h_bags'),
  schema: z.object({ th_bags: z.array(z.string()), h_bags: z.array(z.string()) }),
  reason: 'sentences about a fact of ParaRel, which are no prompts',
});

/** The same by the id of each fact, for sets that are not ParaRel. */
export const sentences = partFormat({
  name: 'sentences',
  title: 'sentences about facts, by id',
  fits: ({ value }) => has(value, 'stated', 'named'),
  schema: z.object({ id: ownId, stated: z.array(z.string()), named: z.array(z.string()) }),
  reason: 'sentences about a fact, which are no prompts',
});

const index = z.number().int().nonnegative();
export const neuronList = z.array(z.tuple([index, index])).max(1_000_000);

/** EleutherAI's located neurons: by the fact's uuid. */
export const neuronsById = partFormat({
  name: 'neurons',
  title: 'located neurons by id (EleutherAI)',
  fits: ({ value, key }) => key !== undefined && isListOf(value, isNeuron),
  schema: neuronList,
  reason: NEURONS,
});

/** The located neurons of Dai et al. 2022 (`kn_bag-P36.json`): in the order of a relation's facts. */
export const neuronBags = partFormat({
  name: 'kn-bag',
  title: 'located neurons in the order of the facts (kn_bag)',
  fits: ({ value, key }) => key === undefined && isListOf(value, isNeuron),
  schema: neuronList,
  reason: NEURONS,
});
