// kn-edit's own files: facts, edits, and the items that `kn-edit set convert` writes; one, a list, or one per line.
import { z } from 'zod';
import { about, editSchema, factSchema, probeSchema, targetSchema, text } from '../../spec/edit-file.js';
import { type Format, has, parse } from '../format.js';
import type { ReadRecord, SetItem } from '../set.js';

const probes = z.array(probeSchema).default([]);

/** An item as a line has it: all but its place. */
export const itemSchema = z.strictObject({
  id: about.id.unwrap(),
  fact: factSchema,
  alsoTrue: z.array(text).max(1000).optional(),
  to: targetSchema.optional(),
  probes: z
    .strictObject({ paraphrase: probes, neighborhood: probes, unrelated: probes, portability: probes })
    .prefault({}),
});

/** The line that an item is written as. */
export function itemLine({ place: _, ...item }: SetItem): string {
  return `${JSON.stringify(item)}\n`;
}

const SETTINGS = ["an edit's settings other than its new answer, which a sweep gives"];

export const ownFiles: Format = {
  name: 'kn-edit',
  title: 'facts or edits of kn-edit',
  fits: ({ value }) => has(value, 'fact') || has(value, 'subject', 'relation', 'prompts'),
  *read(entries, path) {
    for (const entry of entries) {
      const { value, place, number } = entry;
      if (has(value, 'operation')) yield ofEdit(parse(path, entry, editSchema), place);
      else if (has(value, 'fact')) {
        const item = parse(path, entry, itemSchema);
        yield { place, items: [{ ...item, id: String(item.id), place }], leftOut: [] };
      } else {
        const fact = parse(path, entry, factSchema);
        const none = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
        yield { place, items: [{ id: String(fact.id ?? number), place, fact, probes: none }], leftOut: [] };
      }
    }
  },
};

/** In an edit file paraphrases expect the new answer, in an item the old one. */
function ofEdit(edit: z.infer<typeof editSchema>, place: string): ReadRecord {
  const { operation, locate, neurons } = edit;
  const to = operation.type === 'rewrite' ? operation.to : undefined;
  const object = (operation.type === 'rewrite' && operation.from) || edit.fact.object;
  const item: SetItem = {
    id: String(edit.id ?? edit.fact.id ?? edit.name),
    place,
    fact: { ...edit.fact, object },
    ...(to !== undefined && { to }),
    probes: {
      ...edit.probes,
      paraphrase: edit.probes.paraphrase.map(({ prompt }) => ({ prompt, expect: object })),
      portability: [],
    },
  };
  const given =
    locate || neurons || Object.keys(operation).some((key) => !['type', 'to', 'from'].includes(key));
  return { place, items: [item], leftOut: given ? SETTINGS : [] };
}
