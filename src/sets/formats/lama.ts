// LAMA's T-REx (Petroni et al. 2019): facts with sentences of Wikipedia that state them. Beside the patterns of their relations
// (see pararel.ts) the patterns are their wordings; alone, the sentences are.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { MASK } from '../../spec/prompts.js';
import { has, itemOf, loose, recordFormat } from '../format.js';

/** A fact can have thousands of sentences; the first ones are its prompts. */
const SENTENCES = 10;
const FURTHER = `sentences beyond the first ${SENTENCES} of a fact`;
const UNCLEAR = `sentences without one ${MASK} and the subject`;

/** A fact of LAMA. */
export const lamaFact = z.object({
  uuid: text.optional(),
  sub_label: text,
  obj_label: loose,
  predicate_id: text,
  evidences: z.array(z.object({ masked_sentence: z.string(), sub_surface: z.string() })).default([]),
});

export const lama = recordFormat({
  name: 'lama',
  title: 'LAMA T-REx',
  fits: ({ value }) => has(value, 'sub_label', 'obj_label', 'predicate_id'),
  schema: lamaFact,
  item({ uuid, sub_label, obj_label, predicate_id, evidences }, { place, number }) {
    const clear = evidences.filter(
      ({ masked_sentence: sentence, sub_surface: subject }) =>
        sentence.split(MASK).length === 2 && sentence.includes(subject) && sentence.length <= 10_000,
    );
    const sentences = [...new Set(clear.map(({ masked_sentence }) => masked_sentence.trim()))];
    return itemOf({
      id: uuid ?? `${predicate_id}-${number - 1}`,
      place,
      subject: sub_label,
      relation: predicate_id,
      object: obj_label,
      prompts: sentences.slice(0, SENTENCES),
      leftOut: [
        ...Array.from({ length: evidences.length - clear.length }, () => UNCLEAR),
        ...sentences.slice(SENTENCES).map(() => FURTHER),
      ],
    });
  },
});
