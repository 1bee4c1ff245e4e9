// The picture of a score map: its size, and that the darkest place is where the largest score is.
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { heatMap, labelWidth } from '../../src/report/heat-map.js';
import { styleFor } from '../../src/report/style.js';

const plain = styleFor({ isTTY: false } as NodeJS.WriteStream);

test('a cell for every bin, the first layer at the bottom, the largest score the darkest', () => {
  const scores = new Float32Array(3 * 8);
  scores[1 * 8 + 5] = 1; // layer 1, neuron 5
  scores[2 * 8 + 0] = 0.25; // its square root is half of the scale
  scores[0 * 8 + 7] = -9; // negative scores are none
  expect(heatMap(scores, { layers: 3, neurons: 8, rows: 10, columns: 4 }, plain)).toEqual([
    'L2 ░   ',
    'L1   █ ',
    'L0     ',
  ]);
});

test('layers share a row where there are more of them than rows', () => {
  const scores = new Float32Array(24 * 100);
  scores[23 * 100 + 99] = 1;
  const lines = heatMap(scores, { layers: 24, neurons: 100, rows: 8, columns: 60 }, plain);
  expect(lines).toHaveLength(8);
  expect(lines[0]).toMatch(/^L21-23 +█$/);
  for (const line of lines) expect(stringWidth(line)).toBe(labelWidth(24, 3) + 1 + 60);
});

test('nothing where there is no positive score', () => {
  const lines = heatMap(new Float32Array(16), { layers: 2, neurons: 8, rows: 2, columns: 8 }, plain);
  expect(lines.map((line) => line.trimEnd())).toEqual(['L1', 'L0']);
});
