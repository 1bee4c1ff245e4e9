// The field's own files, where they lie beside the repository (../shared/data): every one is recognised and counted.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSet } from '../../src/sets/read.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const there = existsSync(DATA);
const at = (path: string) => join(DATA, path);

/** Of each file: its format, its records, its facts. A folder's files come together. */
const FILES: Record<string, [format: string, records: number, facts: number]> = {
  'pararel/data_11.json': ['pararel-bags', 937, 937],
  'pararel/data_all-100.json': ['pararel-bags', 3400, 3400],
  'pararel/query_pairs.json': ['pararel-pairs', 27_738, 0],
  'pararel/patterns': ['pararel-patterns', 318, 0],
  'pararel/relations.jsonl': ['lama-relations', 46, 0],
  pararel: ['pararel', 27_738, 27_738],
  'lama-trex': ['lama', 280, 280],
  'bing-distant': ['bing-distant', 272, 0],
  'counterfact/counterfact_250.json': ['easyedit', 250, 250],
  'counterfact/requested_rewrite-100.json': ['counterfact', 100, 100],
  'counterfact/raw-rome-format-2.json': ['counterfact', 2, 2],
  'zsre/zsre_mend_train-200.json': ['zsre', 200, 200],
  'zsre/zsre_mend_eval_portability_gpt4-150.json': ['zsre', 150, 150],
  'known_1000/known_600.json': ['known', 600, 600],
  'knowedit/examples-4.json': ['knowedit', 4, 2],
  'easyedit/gpt-j-6b_UltraEdit_N=10_Sequential=True.json': ['easyedit-results', 10, 0],
  'mquake/akew-mquake-cf-60.json': ['mquake', 60, 74],
  'mquake/cloze_templates.json': ['mquake-templates', 44, 0],
  'mquake/question_templates.json': ['mquake-templates', 44, 0],
  'eleutherai/bert-base-uncased_pararel_neurons_20.json': ['neurons', 20, 0],
  'eleutherai/joined-20.jsonl': ['located', 20, 20],
  'eleutherai/neurons-P36.json': ['neurons', 471, 0],
  'eleutherai/trex_lms_vocab-P36.jsonl': ['pararel-vocabulary', 471, 0],
  'eleutherai/graphs-P36.jsonl': ['pararel-patterns', 14, 0],
  eleutherai: ['pararel', 471, 471],
};

describe.skipIf(!there)("the field's data", () => {
  it.each(Object.entries(FILES))('%s is recognised and counted', (path, expected) => {
    const { format, records, items, setAside } = readSet(at(path));
    expect([format, records, items.length]).toEqual(expected);
    expect(setAside.length).toBe(records - new Set(items.map(({ place }) => place)).size);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });

  it('no file is left out above', () => {
    const files = readdirSync(DATA, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.jsonl?$/.test(entry.name))
      .map((entry) => relative(DATA, join(entry.parentPath, entry.name)));
    const unnamed = files.filter(
      (file) => !(file in FILES) && !(file.slice(0, file.lastIndexOf('/')) in FILES),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(unnamed).toEqual([]);
  });

  it('ParaRel made of patterns and pairs is data_11.json, bag by bag', () => {
    const labels = new Map(
      readFileSync(at('pararel/relations.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ relation, label }) => [relation, label]),
    );
    const bags = readSet(at('pararel'))
      .items.filter(({ fact }) => ['P1376', 'P36'].includes(fact.relation))
      .map(({ fact: { prompts, object, relation } }) =>
        prompts.map((prompt) => [prompt, object, `${relation}(${labels.get(relation)})`]),
      );
    expect(bags).toEqual(JSON.parse(readFileSync(at('pararel/data_11.json'), 'utf8')));
  });

  it.each(['data_11.json', 'data_all-100.json'])(
    'the subjects of %s, which it does not name, are found',
    (file) => {
      const facts = new Map(readSet(at('pararel')).items.map((item) => [item.id, item.fact]));
      const items = readSet(at(`pararel/${file}`)).items;
      for (const { id, fact } of items) expect(fact).toEqual(facts.get(id));
    },
  );
});
