// The layered graph in a terminal: it keeps to its room, and draws what feeds what.
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { layered } from '../../src/report/layered.js';
import { graphLines } from '../../src/report/neuron-map.js';
import { PLAIN } from '../../src/report/style.js';
import type { MapFlow, MapNeuron, NeuronMap } from '../../src/session/neuron-map.js';

const neuron = (layer: number, index: number, meanScore = 0.1): MapNeuron => ({
  layer,
  neuron: index,
  kind: 'fact',
  share: 1,
  meanScore,
  activation: 1,
  words: [],
  facts: 1,
  elsewhere: 0,
});

const flow = (from: number, to: number, score: number): MapFlow => {
  return { from, to, flow: score, share: score, score, residual: 0 };
};

const mapOf = (layers: number, neurons: MapNeuron[], flows: MapFlow[]): NeuronMap => ({
  model: 'm',
  layers,
  about: { relation: 'r', facts: 1 },
  prompts: 1,
  neurons,
  flows,
  residual: 0,
  counts: { fact: neurons.length, relation: 0, everybody: 0 },
  seconds: 0,
});

test('a row for each layer, the highest first, and a line from each neuron to what it feeds', () => {
  const map = mapOf(3, [neuron(0, 7), neuron(2, 11)], [flow(0, 1, 0.5)]);
  const lines = graphLines(map, 20, 6, PLAIN);
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^L2 +●11/);
  expect(lines[5]).toMatch(/^L0 +●7/);
  for (const line of lines.slice(1, 5)) expect(line).toMatch(/^ +[\u2801-\u28ff]$/u);
});

test('no flow, no line; what is weak beside the strongest is none either', () => {
  const neurons = [neuron(0, 1), neuron(0, 2), neuron(1, 3)];
  const map = mapOf(2, neurons, [flow(0, 2, 0.5), flow(1, 2, 0.001)]);
  expect(layered(map, { rows: 9, columns: 9, lines: 9 }).lines.map(({ from }) => from)).toEqual([0]);
  const bare = graphLines(mapOf(2, neurons, []), 40, 5, PLAIN);
  expect(bare.join('')).not.toMatch(/[\u2801-\u28ff]/u);
});

test('neurons stand near what feeds them', () => {
  const neurons = [neuron(0, 1), neuron(0, 2), neuron(1, 3), neuron(1, 4)];
  const crossed = mapOf(2, neurons, [flow(0, 3, 0.5), flow(1, 2, 0.5)]);
  const [higher, lower] = layered(crossed, { rows: 9, columns: 9, lines: 9 }).rows;
  const partner = (i: number) => (i === 0 ? 3 : 2);
  expect(lower?.neurons.map(partner)).toEqual(higher?.neurons);
});

test.each([
  [80, 17],
  [138, 40],
  [40, 8],
])('what there is no room for is left out: %i x %i', (width, height) => {
  const neurons = Array.from({ length: 32 }, (_, layer) =>
    Array.from({ length: 30 }, (_, i) => neuron(layer, 10_000 + i, (layer + 1) / (i + 1))),
  ).flat();
  const flows = neurons.slice(30, 900).map((_, i) => flow(i, i + 30, 1 / (i + 1)));
  const lines = graphLines(mapOf(32, neurons, flows), width, height, PLAIN);
  expect(lines.length).toBeLessThanOrEqual(height);
  for (const line of lines) expect(stringWidth(line)).toBeLessThan(width);
  expect(lines[0]).toMatch(/^L31 .*●10000/);
});

test('the neuron under the cursor is marked', () => {
  const map = mapOf(2, [neuron(0, 1), neuron(1, 2)], []);
  expect(graphLines(map, 30, 3, PLAIN, 1)[0]).toContain('▏●2');
});

test('nothing where no neuron is refined', () => {
  expect(graphLines(mapOf(2, [], []), 80, 17, PLAIN)).toEqual([' no neuron is refined']);
});
