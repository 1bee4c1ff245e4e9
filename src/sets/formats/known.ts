// ROME's known facts (`known_1000`): what GPT-2 XL answers rightly. `prompt` is used, since it may be longer than `template`.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { has, itemOf, loose, ownId, recordFormat } from '../format.js';

export const known = recordFormat({
  name: 'known',
  title: 'known facts (ROME)',
  fits: ({ value }) => has(value, 'attribute', 'prompt') || has(value, 'attribute', 'known_id'),
  schema: z.object({
    known_id: ownId.optional(),
    subject: text,
    attribute: loose,
    prompt: loose,
    relation_id: text,
  }),
  item: ({ known_id, subject, attribute, prompt, relation_id }, { place, number }) =>
    itemOf({
      id: known_id ?? number,
      place,
      subject,
      relation: relation_id,
      object: attribute,
      prompts: [prompt],
    }),
});
