// EasyEdit's flat records (CounterFact and what its editors take), and its result files, which hold the same in `requested_rewrite`.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
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

/** Answers, of which the first is taken: all others say the same in other words. */
type Answers = string | null | Answers[];
const answers: z.ZodType<Answers> = z.lazy(() => z.union([loose, z.null(), z.array(answers)]));

/** The first of some answers that is a text; aliases may lie in lists of lists. */
function firstOf(all: Answers | undefined): string | undefined {
  if (!Array.isArray(all)) return all === NONE ? undefined : (all ?? undefined);
  return firstOf(all[0]);
}

const probe = z.object({ prompt: oneOrMore, ground_truth: answers.optional() });
const probes = z.union([z.array(probe), probe.transform((one) => [one])], {
  error: ({ input }) => (input === undefined ? 'is missing' : 'must be probes: {"prompt", "ground_truth"}'),
});
/** A list of probes, or by kind; null and {} where there are none. */
const byKind = z.union([z.array(probe), z.record(z.string(), probes)]).nullish();

function askedFor(given: z.infer<typeof byKind>, known?: string): AskedFor[] {
  const all: z.infer<typeof probe>[] = Array.isArray(given) ? given : Object.values(given ?? {}).flat();
  return all.flatMap(({ prompt, ground_truth }) =>
    prompt.map((one, i) => {
      const own = Array.isArray(ground_truth) && prompt.length > 1 ? ground_truth[i] : ground_truth;
      return { prompt: one, expect: firstOf(own) ?? known };
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
