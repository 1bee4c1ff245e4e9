// kn-edit's own fact base: facts in relations, with the wordings that all facts of a relation share.
import { factBaseSchema, factsIn } from '../../spec/fact-base.js';
import { expecting, type Format, has, itemOf, parse } from '../format.js';

export const factBase: Format = {
  name: 'fact-base',
  title: "kn-edit's fact base",
  fits: ({ value, key }) => key !== undefined && has(value, 'templates', 'facts'),
  *read(entries, path) {
    for (const entry of entries) {
      const { place, key = '' } = entry;
      const relation = parse(path, entry, factBaseSchema.valueType);
      for (const [i, fact] of factsIn(path, { [key]: relation }).entries()) {
        yield itemOf({
          id: `${key}-${i}`,
          place: `${place}: fact ${i + 1}`,
          subject: fact.subject,
          relation: key,
          object: fact.object,
          prompts: fact.prompts,
          probes: { paraphrase: expecting(fact.heldOut, fact.object) },
        });
      }
    }
  },
};
