// Parts of sets, for who puts them together: patterns, and sentences about facts.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPatterns } from '../../src/sets/patterns.js';
import { readSentences } from '../../src/sets/sentences.js';
import { writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const SAMPLES = fileURLToPath(new URL('../../fixtures/sets', import.meta.url));

it("a relation's patterns", () => {
  const found = readPatterns(join(SAMPLES, 'pararel/patterns/P1376.jsonl'));
  expect(found).toHaveLength(14);
  expect(found.slice(0, 2)).toEqual(['[X] is the capital of [Y].', 'The capital of [Y] is [X].']);
  const path = join(SAMPLES, 'zsre.json');
  expect(() => readPatterns(path)).toThrow(`${path}: holds no patterns of ParaRel, but zsRE`);
});

it('sentences about the facts of a relation, in their order', () => {
  const directory = temporaryDirectory();
  const about = (subject: string) => ({ th_bags: [`${subject} has it.`], h_bags: [`${subject} is old.`] });
  writeInput(directory, 'final_distant_allbags_P36_new.json', [about('Peru'), about('Chile')]);
  writeInput(directory, 'final_distant_allbags_P101_new.json', [about('Turing')]);
  expect(readSentences(directory)).toEqual([
    { id: 'P36-0', stated: ['Peru has it.'], named: ['Peru is old.'] },
    { id: 'P36-1', stated: ['Chile has it.'], named: ['Chile is old.'] },
    { id: 'P101-0', stated: ['Turing has it.'], named: ['Turing is old.'] },
  ]);
  const unnamed = writeInput(directory, 'bags.json', [about('Peru')]);
  expect(() => readSentences(unnamed)).toThrow(`${unnamed}: its name does not say which relation it is of`);
  const path = join(SAMPLES, 'zsre.json');
  expect(() => readSentences(path)).toThrow(`${path}: holds zsRE`);
  const partial = writeInput(directory, 'lines.jsonl', '{"id": "a", "stated": ["x"]}\n{"id": "b"}\n');
  expect(() => readSentences(partial)).toThrow(`${partial}: line 1: named: is missing`);
});
