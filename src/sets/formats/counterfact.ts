// CounterFact as ROME publishes it (Meng et al. 2022), whole or its `requested_rewrite` alone.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { expecting, has, itemOf, loose, newQuestion, ownId, portabilityOf, recordFormat } from '../format.js';

/** A name with its Wikidata id, of which the name is used. */
const named = z.object({ str: loose });
const prompts = z.array(loose).max(1000).optional();

/** A rewrite that a record asks for; `prompt` has {} in the subject's place. */
export const rewriteSchema = z.object({
  prompt: text.includes('{}', 'must hold {} in the place of the subject'),
  subject: text,
  relation_id: text,
  target_true: named,
  target_new: named,
});

/** Its prompt, with the subject in place. */
export function filled({ prompt, subject }: { prompt: string; subject: string }): string {
  return prompt.replaceAll('{}', () => subject);
}

/** They expect the new answer of other subjects, or free text, and measure neither success nor damage of an edit. */
const UNUSED = ['attribute_prompts', 'generation_prompts'] as const;

export const counterfact = recordFormat({
  name: 'counterfact',
  title: 'CounterFact (ROME)',
  fits: ({ value }) => has(value, 'requested_rewrite') && has(value.requested_rewrite, 'target_true'),
  schema: z.object({
    case_id: ownId.optional(),
    requested_rewrite: rewriteSchema,
    paraphrase_prompts: prompts,
    neighborhood_prompts: prompts,
    attribute_prompts: prompts,
    generation_prompts: prompts,
    portability: newQuestion,
  }),
  item(record, { place, number }) {
    const { requested_rewrite: asked, paraphrase_prompts = [], neighborhood_prompts = [] } = record;
    const object = asked.target_true.str;
    return itemOf({
      id: record.case_id ?? number,
      place,
      subject: asked.subject,
      relation: asked.relation_id,
      object,
      to: asked.target_new.str,
      prompts: [filled(asked)],
      probes: {
        paraphrase: expecting(paraphrase_prompts, object),
        neighborhood: expecting(neighborhood_prompts, object), // they are drawn among subjects that share it
        portability: portabilityOf(record.portability),
      },
      leftOut: UNUSED.flatMap((field) => (record[field] ?? []).map(() => field)),
    });
  },
});
