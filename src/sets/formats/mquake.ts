// MQuAKE (Zhong et al. 2023): cases of one edit or several, with questions over several hops that follow from all of them.
import { z } from 'zod';
import { type AskedFor, expecting, type Format, has, itemOf, loose, ownId, parse } from '../format.js';
import type { ReadRecord } from '../set.js';
import { filled, rewriteSchema } from './counterfact.js';

const hop = z.object({ question: loose, cloze: loose, answer: loose });

const schema = z.object({
  case_id: ownId.optional(),
  requested_rewrite: z
    .array(rewriteSchema.extend({ question: loose.optional() }))
    .min(1, 'must hold at least one rewrite')
    .max(1000),
  questions: z.array(loose).max(1000),
  new_answer: loose,
  single_hops: z.array(hop).max(1000),
  new_single_hops: z.array(hop).max(1000),
});

const SEVERAL = 'questions that follow from several edits together';

/** An edit is an item; the questions go with it where it is the only one of its case. */
function itemsOf(record: z.infer<typeof schema>, place: string, number: number): ReadRecord {
  const { requested_rewrite: edits, questions, new_answer } = record;
  const alone = edits.length === 1;
  const id = record.case_id ?? number;
  const stays = otherHops(record);
  const read = edits.map((edit, i) =>
    itemOf({
      id: alone ? id : `${id}.${i + 1}`,
      place,
      subject: edit.subject,
      relation: edit.relation_id,
      object: edit.target_true.str,
      to: edit.target_new.str,
      prompts: [filled(edit)],
      probes: {
        paraphrase: edit.question === undefined ? [] : expecting([edit.question], edit.target_true.str),
        unrelated: stays,
        portability: alone ? expecting(questions, new_answer) : [],
      },
    }),
  );
  const items = read.flatMap((one) => one.items);
  const lacking = read.flatMap(({ setAside }) => setAside ?? []);
  const leftOut = [...read.flatMap((one) => one.leftOut), ...(alone ? [] : questions.map(() => SEVERAL))];
  if (items.length === 0) return { place, items, setAside: lacking[0], leftOut };
  return { place, items, leftOut: [...leftOut, ...lacking.map((reason) => `an edit of several: ${reason}`)] };
}

/** The hops, before and after, that no edit of the case changes. */
function otherHops(record: z.infer<typeof schema>): AskedFor[] {
  const { requested_rewrite: edits, single_hops, new_single_hops } = record;
  const edited = new Set(edits.flatMap((edit) => [edit.question ?? '', filled(edit)]));
  const stays = [...single_hops, ...new_single_hops]
    .filter(({ question, cloze }) => !edited.has(question) && !edited.has(cloze))
    .map(({ cloze, answer }) => [cloze, answer] as const);
  return [...new Map(stays)].map(([prompt, expect]) => ({ prompt, expect }));
}

export const mquake: Format = {
  name: 'mquake',
  title: 'MQuAKE',
  fits: ({ value }) => has(value, 'requested_rewrite') && Array.isArray(value.requested_rewrite),
  *read(entries, path) {
    for (const entry of entries) yield itemsOf(parse(path, entry, schema), entry.place, entry.number);
  },
};
