// ParaRel as the preprocessing of Dai et al. 2022 makes it (`data_all.json`): a bag per fact, of [prompt, object, relation].
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { MASK } from '../../spec/prompts.js';
import { type Format, itemOf, loose, parse } from '../format.js';
import { subjectsOf } from './subjects.js';

const prompt = text.refine((one) => one.split(MASK).length === 2, `must have exactly one ${MASK}`);
const bagSchema = z
  .array(z.tuple([prompt, loose, text]))
  .min(1, 'must hold at least one prompt')
  .max(1000)
  .refine((bag) => bag.every(([, ...rest]) => rest.join('\n') === bag[0]?.slice(1).join('\n')), {
    error: 'must hold prompts of one object and one relation',
  });

const NO_SUBJECT = 'its prompts share no words that could be the subject';

export const pararelBags: Format = {
  name: 'pararel-bags',
  title: 'ParaRel (bags of prompts)',
  fits: ({ value, key }) =>
    key === undefined &&
    Array.isArray(value) &&
    Array.isArray(value[0]) &&
    value[0].length === 3 &&
    value[0].every((one) => typeof one === 'string'),
  *read(entries, path) {
    const bags = Array.from(entries, (entry) => {
      const bag = parse(path, entry, bagSchema);
      const [, object = '', named = ''] = bag[0] ?? [];
      const relation = named.replace(/\(.*\)$/s, ''); // P36(capital)
      return { place: entry.place, relation, object, prompts: bag.map(([one]) => one) };
    });
    const subjects = subjectsOf(bags);
    const counts = new Map<string, number>();
    for (const [i, { place, relation, object, prompts }] of bags.entries()) {
      const index = counts.get(relation) ?? 0;
      counts.set(relation, index + 1);
      const subject = subjects[i] ?? '';
      yield subject === ''
        ? { place, items: [], setAside: NO_SUBJECT, leftOut: [] }
        : itemOf({ id: `${relation}-${index}`, place, subject, relation, object, prompts });
    }
  },
};
