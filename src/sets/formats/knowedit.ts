// KnowEdit (Zhang et al. 2024): EasyEdit's records with probes by kind. WikiBio's are texts without a prompt.
import { z } from 'zod';
import { type Format, has, isObject, NO_PROMPT, parse } from '../format.js';
import { flatItem, flatSchema } from './easyedit.js';

const wikiBio = z.object({ text: z.string(), concept: z.string() });
const isText = (value: unknown) => has(value, 'concept', 'text');

export const knowEdit: Format = {
  name: 'knowedit',
  title: 'KnowEdit',
  fits: ({ value }) =>
    isText(value) ||
    (has(value, 'target_new', 'prompt', 'subject') &&
      (isObject(value.locality) || isObject(value.portability))),
  *read(entries, path) {
    for (const entry of entries) {
      if (isText(entry.value)) {
        parse(path, entry, wikiBio);
        yield { place: entry.place, items: [], setAside: NO_PROMPT, leftOut: [] };
      } else yield flatItem(parse(path, entry, flatSchema), entry, false);
    }
  },
};
