// Layers that share value vectors: an edit names a vector once, acts in all of its layers, and comes off bit for bit.
import { join } from 'node:path';
import type { Session } from 'kn-edit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { goldenDirectory, relativeError } from '../support/golden.js';
import { editOf, openSession, quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Layers 0 and 1 run the first group of the golden ALBERT, 2 and 3 the second. */
const LAYERS = { first: [0, 1], second: [2, 3] } as const;

const amplified = (change: object) => editOf({ operation: { type: 'amplify', factor: 3 }, ...change });

let session: Session;
beforeEach(() => {
  session = openSession(goldenDirectory('albert'));
});
afterEach(() => session.close());

const after = ({ after }: { after: readonly { prob: number }[] }) => after.map(({ prob }) => prob);

it('two neurons with one vector are one edit, whichever layer they are named in', async () => {
  const one = await session.apply(amplified({ neurons: [[0, 5]] }), { ...quick, dryRun: true });
  const twice = await session.apply(
    amplified({
      neurons: [
        [1, 5],
        [0, 5],
        [3, 7],
      ],
    }),
    quick,
  );
  expect(twice.neurons.map(({ layer, neuron }) => [layer, neuron])).toEqual([
    [0, 5],
    [2, 7],
  ]);
  expect([one.layers, twice.layers]).toEqual([
    [0, 1],
    [0, 1, 2, 3],
  ]);
  expect(session.show(1).vectors.map(({ layer, neuron }) => [layer, neuron])).toEqual([
    [0, 5],
    [2, 7],
  ]);
  const other = await session.apply(amplified({ neurons: [[1, 5]] }), { ...quick, dryRun: true });
  expect(other.overlaps).toEqual([{ id: 1, name: 'languages', neurons: 1 }]);
  expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
  expect(await session.revert('last')).toMatchObject({ isBase: true, edits: [{ maxDifference: 0 }] });
  const again = await session.apply(amplified({ neurons: [[1, 5]] }), { ...quick, dryRun: true });
  expect(after(again)).toEqual(after(one));
});

it('an exported model answers as the edited one', async () => {
  const { after: edited } = await session.apply(amplified({ neurons: [[1, 5]] }), quick);
  const directory = join(temporaryDirectory(), 'edited');
  await session.export(directory);
  const { before } = await withSession(directory, (exported) =>
    exported.apply(amplified({ neurons: [[0, 1]] }), { ...quick, dryRun: true }),
  );
  // But for rounding: an edit's vectors are added to the product of the others, a file's are part of it.
  const found = before.map(({ prob }) => prob);
  expect(
    relativeError(
      found,
      edited.map(({ prob }) => prob),
    ),
  ).toBeLessThan(1e-5);
});

it('the control by layers moves neurons to other groups alone', async () => {
  const edit = amplified({ neurons: [[1, 5]] });
  const { control } = await session.apply(edit, { ...quick, control: 'layer', dryRun: true });
  const moved = await session.apply(amplified({ neurons: [[3, 5]] }), { ...quick, dryRun: true });
  expect(control?.draws).toHaveLength(1);
  expect(control?.after.map(({ prob }) => prob)).toEqual(after(moved));
});

it('a what-if acts in the layer that is named', async () => {
  const [lower, upper] = await Promise.all(
    LAYERS.first.map((layer) =>
      session.apply(amplified({ neurons: [[layer, 5]] }), { ...quick, whatIf: true }),
    ),
  );
  expect(after(lower ?? { after: [] })).not.toEqual(after(upper ?? { after: [] }));
  expect(upper?.neurons).toMatchObject([{ layer: 1, neuron: 5 }]);
  expect(upper?.layers).toEqual([1]);
});

it('a solved rewrite looks at its neurons where they were located, and changes the vectors of the group', async () => {
  const operation = { type: 'rewrite', to: 'Portuguese', method: 'solve' };
  const neurons = Array.from({ length: 40 }, (_, i) => [LAYERS.second[1], i]);
  const { before, after, neurons: changed } = await session.apply(amplified({ operation, neurons }), quick);
  expect(new Set(changed.map(({ layer }) => layer))).toEqual(new Set([2]));
  for (const i of [0, 1]) {
    expect(after[i]?.newProb).toBeGreaterThan(10 * (before[i]?.newProb ?? 1));
  }
});

it('says why there is no control where most of a layer is changed', async () => {
  const neurons = Array.from({ length: 50 }, (_, neuron) => [0, neuron]); // of 80
  const edit = amplified({ neurons });
  const { control, warnings } = await session.apply(edit, { ...quick, control: 'random', dryRun: true });
  expect(control).toBeNull();
  expect(warnings).toContainEqual(expect.stringMatching(/^no control: 50 neurons .* change fewer of them/));
});
