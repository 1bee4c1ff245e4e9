// Files of located neurons: those of others are read, ours are read again as they were written, and facts find each other.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { NeuronId } from '../../src/lm/overlay.js';
import { joinNeurons } from '../../src/sets/joined-neurons.js';
import { type FactNeurons, readNeurons, writeNeuronBags, writeNeurons } from '../../src/sets/neuron-files.js';
import { writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const SAMPLES = fileURLToPath(new URL('../../fixtures/sets/eleutherai', import.meta.url));
const DATA = fileURLToPath(new URL('../../../shared/data/eleutherai', import.meta.url));
const WALLONIA = 'f5d68720-9816-4fb3-a810-c2b99ae192e2';

it("EleutherAI's files", () => {
  const neurons = readNeurons(join(SAMPLES, 'neurons.json'));
  expect(neurons.map(({ id, neurons: found }) => [id, found.length])).toEqual([
    ['48a2b323-a09c-4af3-ae3f-8df5a80a68a5', 17],
    ['55691184-c92e-47e8-a634-dbad72e2b094', 13],
    [WALLONIA, 1],
  ]);
  expect(neurons[2]).toEqual({ id: WALLONIA, neurons: [[10, 2506]] });
  const located = readNeurons(join(SAMPLES, 'located.jsonl'));
  expect(located[2]).toEqual({
    id: WALLONIA,
    relation: 'P37',
    subject: 'Wallonia',
    object: 'French',
    neurons: [[10, 2506]],
  });
  expect(joinNeurons(neurons, located).both.map(({ own, other }) => [own.neurons, other.subject])).toEqual(
    located.map(({ neurons: found, subject }) => [found, subject]),
  );
});

const bags: FactNeurons[] = [
  { id: 'P36-0', relation: 'P36', neurons: [[3, 1]] },
  { id: 'P36-1', relation: 'P36', neurons: [] },
  {
    id: 'P36-2',
    relation: 'P36',
    neurons: [
      [11, 3071],
      [0, 0],
    ],
  },
  { id: 'P19-0', relation: 'P19', neurons: [[2, 2]] },
];

it('kn_bag files are read as they were written; what was not located has no neurons', () => {
  const directory = join(temporaryDirectory(), 'kn');
  writeNeuronBags(directory, bags.toReversed());
  expect(readNeurons(join(directory, 'kn_bag-P36.json'))).toEqual(bags.slice(0, 3));
  expect(readNeurons(directory)).toEqual([bags[3], ...bags.slice(0, 3)]);
  writeNeuronBags(directory, bags.slice(2));
  expect(readNeurons(join(directory, 'kn_bag-P36.json')).map(({ neurons }) => neurons.length)).toEqual([
    0, 0, 2,
  ]);
  expect(() => writeNeuronBags(directory, [{ id: 'capital-1', neurons: [] }])).toThrow(
    'capital-1: says no place in a relation, as P36-17 does; kn_bag files are for facts of ParaRel',
  );
});

it('neurons by id are read as they were written', () => {
  const path = join(temporaryDirectory(), 'neurons.json');
  writeNeurons(path, bags);
  expect(readNeurons(path)).toEqual(bags.map(({ id, neurons }) => ({ id, neurons })));
});

it('facts are joined by their ids, and else by relation, subject and object', () => {
  const fact = (id: string, subject: string, object: string, relation = 'P36'): FactNeurons => ({
    id,
    relation,
    subject,
    object,
    neurons: [[0, 1] satisfies NeuronId],
  });
  const own = [fact('1', 'Chile', 'Santiago'), fact('P36-2', 'Peru', 'Lima'), fact('3', 'Cuba', 'Havana')];
  const other = [
    { id: 'P36-2', neurons: [] },
    fact('b', 'chile', 'santiago', 'P36(capital)'),
    fact('c', 'Peru', 'Lima'),
    { id: 'd', neurons: [] },
  ];
  const { both, ownAlone, otherAlone } = joinNeurons(own, other);
  expect(both.map((pair) => [pair.own.id, pair.other.id])).toEqual([
    ['P36-2', 'P36-2'],
    ['1', 'b'],
  ]);
  expect([ownAlone, otherAlone].map((facts) => facts.map(({ id }) => id))).toEqual([['3'], ['c', 'd']]);
});

it('what is no neuron is named', () => {
  const directory = temporaryDirectory();
  const bad = writeInput(directory, 'n.json', { a: [[1, 2]], b: [[1, -2]] });
  expect(() => readNeurons(bad)).toThrow(`${bad}: b: 0.1: must be at least 0`);
  const unnamed = writeInput(directory, 'bags.json', [[[1, 2]]]);
  expect(() => readNeurons(unnamed)).toThrow(`${unnamed}: its name does not say which relation it is of`);
  const facts = writeInput(directory, 'known.json', [
    { known_id: 1, attribute: 'x', prompt: 'y', subject: 'z' },
  ]);
  expect(() => readNeurons(facts)).toThrow(`${facts}: holds no neurons`);
});

describe.skipIf(!existsSync(DATA))("the field's data", () => {
  it('located facts of P36 get their names from the vocabulary beside them', () => {
    const p36 = readNeurons(DATA).filter(({ relation }) => relation === 'P36');
    expect(p36.filter(({ subject }) => subject === 'Cook County')).toEqual([
      expect.objectContaining({ id: '4168a6fb-d710-4678-93f9-9447927a0a35', object: 'Chicago' }),
    ]);
    expect(new Set(p36.map(({ id }) => id)).size).toBe(471);
  });

  it('the same neurons stand in the joined file', () => {
    const published = readNeurons(join(DATA, 'bert-base-uncased_pararel_neurons_20.json'));
    const joined = readNeurons(join(DATA, 'joined-20.jsonl'));
    const { both, ownAlone, otherAlone } = joinNeurons(published, joined);
    expect([both.length, ownAlone, otherAlone]).toEqual([20, [], []]);
    for (const { own, other } of both) expect(own.neurons).toEqual(other.neurons);
  });
});
