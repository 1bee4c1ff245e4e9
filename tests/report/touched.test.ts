// Which edits touch which neurons: the ledger's answer in order, in words, and as a picture.
import { expect, test } from 'vitest';
import type { EditSummary } from '../../src/index.js';
import { PLAIN } from '../../src/report/style.js';
import { touchedNeurons, touchedPicture, touchedText } from '../../src/report/touched.js';

const edit = (id: number, status: EditSummary['status']): EditSummary => ({
  ...{ id, name: `edit ${id}`, operation: 'suppress', status, createdAt: '', revertedAt: null },
  ...{ neurons: 1, standing: null },
});
const EDITS = [edit(3, 'applied'), edit(2, 'reverted'), edit(1, 'applied')];
const FOUND = [
  { layer: 0, neuron: 0, edits: [2] },
  { layer: 1, neuron: 3, edits: [1] },
  { layer: 1, neuron: 4, edits: [1, 2, 3] },
  { layer: 2, neuron: 9, edits: [3] },
];

test('what most applied edits touch comes first, the newest edit of each first', () => {
  const touched = touchedNeurons(FOUND, EDITS);
  expect(touched.map(({ layer, neuron }) => [layer, neuron])).toEqual([
    ...[
      [1, 4],
      [2, 9],
      [1, 3],
    ],
    [0, 0],
  ]);
  expect(touched[0]?.applied.map(({ id }) => id)).toEqual([3, 1]);
  expect(touched[0]?.reverted.map(({ id }) => id)).toEqual([2]);
  expect(touchedText(touched)).toBe('3 neurons of 2 applied edits, 1 shared, 1 of reverted edits alone');
  expect(touchedText([])).toBe('0 neurons of 0 applied edits, 0 shared');
});

test('a cell shows the most edits on one of its neurons; a dot stands for reverted ones', () => {
  const touched = touchedNeurons(FOUND, EDITS);
  const size = { layers: 3, neurons: 10, rows: 3, columns: 10 };
  expect(touchedPicture(touched, size, PLAIN)).toEqual(['L2          1', 'L1    12     ', 'L0 ·         ']);
  // Two edits on neighbours share no neuron.
  expect(touchedPicture(touched, { ...size, rows: 2, columns: 5 }, PLAIN)).toEqual([
    'L2-2     1',
    'L0-1 ·12  ',
  ]);
  expect(touchedPicture(touched, size, PLAIN, { layer: 1, neuron: 4 })[1]).toBe('L1    1▏2     ');
});
