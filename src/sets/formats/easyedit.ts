// EasyEdit's flat records (CounterFact and what its editors take), and its result files, which hold the same in `requested_rewrite`.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { must } from '../../spec/faults.js';
import {
  type AskedFor,
  expecting,
  has,
  isObject,
  itemOf,
  loose,
  oneOrMore,
  ownId,
  recordFormat,
  relationIn,
} from '../format.js';

/** How EasyEdit writes that an answer is not known. */
const NONE = '<|endoftext|>';

const one = loose.nullable();
/** An answer, or a list of answers, each of which may be a list of aliases. */
const answers = z.union(
  [one, z.array(z.union([one, z.array(one)]))],
  must('must be an answer, or a list of answers'),
);
type Answers = z.infer<typeof answers>;

/** The first of some answers, in the first of its words. */
function firstOf(all: Answers | undefined): string | undefined {
  const [first] = [all].flat(2);
  return first === NONE ? undefined : (first ?? undefined);
}

/** Further answers: those of a list, of a list of aliases the first. */
function furtherOf(all: Answers | undefined): string[] {
  if (!Array.isArray(all)) return [];
  return all.slice(1).flatMap((one) => {
    const text = [one].flat()[0] ?? NONE;
    return text === NONE ? [] : text;
  });
}

const probe = z.object({ prompt: oneOrMore, ground_truth: answers.optional() });
const list = z.array(probe);
const kinds = z.record(z.string(), z.union([list, probe.transform((alone) => [alone])]));
/** A list of probes, or by kind; null and {} where there are none. */
const byKind = z
  .union([list, kinds], must('must be a list of {"prompt", "ground_truth"}, or an object of such lists'))
  .nullish();

function askedFor(given: z.infer<typeof byKind>, known?: string): AskedFor[] {
  const all: z.infer<typeof probe>[] = Array.isArray(given) ? given : Object.values(given ?? {}).flat();
  return all.flatMap(({ prompt, ground_truth }) =>
    prompt.map((text, i) => {
      const own = Array.isArray(ground_truth) && prompt.length > 1 ? ground_truth[i] : ground_truth;
      return { prompt: text, expect: firstOf(own) ?? known };
    }),
  );
}

/** What all of them have. */
export const flatSchema = z.object({
  case_id: ownId.optional(),
  subject: text,
  prompt: text,
  target_new: loose,
  ground_truth: answers.optional(),
  rephrase_prompt: oneOrMore.nullish(),
  rephrase: oneOrMore.nullish(),
  locality: byKind,
  locality_prompt: oneOrMore.optional(),
  locality_ground_truth: answers.optional(),
  portability: byKind,
});

/** @param neighbours whether what should stay is of the same relation, with the same answer where none is named */
export function flatItem(
  record: z.infer<typeof flatSchema>,
  { place, number }: { place: string; number: number },
  neighbours: boolean,
) {
  const { prompt, subject } = record;
  const object = firstOf(record.ground_truth);
  const { locality_prompt, locality_ground_truth } = record;
  const flat = locality_prompt ? [{ prompt: locality_prompt, ground_truth: locality_ground_truth }] : [];
  const known = neighbours ? object : undefined;
  const stays = [...askedFor(record.locality, known), ...askedFor(flat, known)];
  return itemOf({
    id: record.case_id ?? number,
    place,
    subject,
    relation: relationIn(prompt, subject),
    object,
    alsoTrue: furtherOf(record.ground_truth),
    to: record.target_new,
    prompts: [prompt],
    probes: {
      paraphrase: expecting([...(record.rephrase_prompt ?? []), ...(record.rephrase ?? [])], object),
      [neighbours ? 'neighborhood' : 'unrelated']: stays,
      portability: askedFor(record.portability),
    },
  });
}

export const easyEdit = recordFormat({
  name: 'easyedit',
  title: 'CounterFact (EasyEdit)',
  fits: ({ value }) =>
    has(value, 'target_new', 'prompt', 'subject') &&
    !isObject(value.locality) &&
    !isObject(value.portability),
  schema: flatSchema,
  item: (record, entry) => flatItem(record, entry, true),
});

export const easyEditResults = recordFormat({
  name: 'easyedit-results',
  title: 'results of EasyEdit',
  fits: ({ value }) =>
    has(value, 'requested_rewrite') && has(value.requested_rewrite, 'target_new', 'prompt'),
  schema: z.object({ case_id: ownId.optional(), requested_rewrite: flatSchema }),
  item: ({ case_id, requested_rewrite }, entry) => flatItem({ case_id, ...requested_rewrite }, entry, false),
});
