// What the post-processor of tokenizer.json puts around a text.
import { expect, it } from 'vitest';
import { onlyBefore, specialsAround } from '../../src/lm/post-processor.js';

const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const text = { Sequence: { id: 'A', type_id: 0 } };
const template = (...single: object[]) => ({ type: 'TemplateProcessing', single });

it.each<[string, unknown, string[], string[]]>([
  ['a template', template(token('<s>'), text, token('</s>')), ['<s>'], ['</s>']],
  ['a template with nothing behind', onlyBefore(['<a>', '<b>']), ['<a>', '<b>'], []],
  ['a template without a place for a text', template(token('<a>'), token('<b>')), [], []],
  ['an empty template', template(), [], []],
  ["BERT's", { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] }, ['[CLS]'], ['[SEP]']],
  [
    'several, the later ones outside',
    {
      type: 'Sequence',
      processors: [{ type: 'ByteLevel' }, template(token('<b>'), text), onlyBefore(['<a>'])],
    },
    ['<a>', '<b>'],
    [],
  ],
  ['another one', { type: 'ByteLevel' }, [], []],
  ['none', null, [], []],
])('%s', (_, given, before, after) => {
  expect(specialsAround(given)).toEqual({ before, after });
});
