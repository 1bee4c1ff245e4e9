// Located facts, one per line: the fact with its prompts, its uuid, and the neurons that were found.
import { z } from 'zod';
import { text } from '../../spec/edit-file.js';
import { has, itemOf, loose, recordFormat } from '../format.js';
import { neuronList } from './parts.js';

export const locatedFact = z.object({
  uuid: text,
  relation: text,
  subject: text,
  object: loose,
  prompts: z.array(text).max(1000),
  neurons: neuronList,
});

export const located = recordFormat({
  name: 'located',
  title: 'facts with located neurons',
  fits: ({ value }) => has(value, 'uuid', 'neurons', 'prompts'),
  schema: locatedFact,
  item: ({ uuid, relation, subject, object, prompts }, { place }) =>
    itemOf({ id: uuid, place, subject, relation, object, prompts }),
});
