// zsRE as MEND has it, which ROME and EasyEdit use; with portability as EasyEdit adds it. The protocol taken is MEND's and
// EasyEdit's: the true answer is `answers[0]`, and an edit makes `alt` of it. (ROME teaches `answers[0]` to a model that does
// not know it, so that there is no fact to locate.)
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import {
  expecting,
  has,
  itemOf,
  loose,
  newQuestion,
  portabilityOf,
  recordFormat,
  relationIn,
} from '../format.js';

export const zsre = recordFormat({
  name: 'zsre',
  title: 'zsRE',
  fits: ({ value }) => has(value, 'src', 'alt') || has(value, 'src', 'answers'),
  schema: z.object({
    subject: text,
    /** A question. */
    src: loose,
    rephrase: loose.optional(),
    alt: loose.optional(),
    answers: z.array(loose).max(1000),
    /** Of Natural Questions, without its question mark. */
    loc: loose.optional(),
    loc_ans: loose.optional(),
    portability: newQuestion,
  }),
  item({ subject, src, rephrase, alt, answers, loc, loc_ans, portability }, { place, number }) {
    const [object, ...alsoTrue] = answers;
    return itemOf({
      id: number,
      place,
      subject,
      relation: relationIn(src, subject),
      object,
      alsoTrue,
      to: alt,
      prompts: [src],
      probes: {
        paraphrase: rephrase === undefined ? [] : expecting([rephrase], object),
        unrelated: loc === undefined ? [] : expecting([loc], loc_ans),
        portability: portabilityOf(portability),
      },
    });
  },
});
