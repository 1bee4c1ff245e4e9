// Changes of value vectors and their replay: hand-worked cases, and properties over random stacks of edits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NeuronId, neuronKey, vectorHash } from '../../src/lm/overlay.js';
import { applyChange, type Change } from '../../src/surgery/change.js';
import { overlayOf, replaced, replay } from '../../src/surgery/replay.js';

const WIDTH = 3;
const vector = (...values: number[]) => new Float32Array(values);

describe('a change', () => {
  it('scales, shifts, and moves along the norm', () => {
    const v = vector(3, 0, 4); // norm 5
    expect([...applyChange(v, { scale: 0 })]).toEqual([0, 0, 0]);
    expect([...applyChange(v, { scale: 2, shift: vector(1, 1, 1) })]).toEqual([7, 1, 9]);
    expect([...applyChange(v, { scale: 1, alongNorm: vector(0, 1, -1) })]).toEqual([3, 5, -1]);
    expect([...v]).toEqual([3, 0, 4]);
  });
});

const neuron = fc.tuple(fc.nat(1), fc.nat(3)).map((at): NeuronId => at);
const floats = fc
  .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH })
  .map((values) => new Float32Array(values));
const change: fc.Arbitrary<Change> = fc.record({
  scale: fc.constantFrom(0, 0.5, 1, 2),
  shift: fc.option(floats, { nil: undefined }),
  alongNorm: fc.option(floats, { nil: undefined }),
});
const edit = fc.uniqueArray(fc.record({ at: neuron, change }), {
  minLength: 1,
  selector: ({ at }) => neuronKey(at),
});
const base = new Map<string, Float32Array>();
for (const layer of [0, 1]) {
  for (const index of [0, 1, 2, 3])
    base.set(neuronKey([layer, index]), vector(layer + 1, index, 0.1 * index - 1));
}

describe('replay', () => {
  it('each edit finds what the one below left, and the overlay is the last word on each neuron', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
        const current = new Map(base);
        for (const vectors of replay(base, edits)) {
          for (const { at, before, after } of vectors) {
            expect(vectorHash(before)).toBe(vectorHash(current.get(neuronKey(at)) ?? vector()));
            current.set(neuronKey(at), after);
          }
        }
        const overlay = overlayOf(replay(base, edits));
        overlay.neurons.forEach((at, row) => {
          const found = overlay.values.slice(row * WIDTH, (row + 1) * WIDTH);
          expect(vectorHash(found)).toBe(vectorHash(current.get(neuronKey(at)) ?? vector()));
        });
        expect(overlay.neurons).toHaveLength(new Set(edits.flat().map(({ at }) => neuronKey(at))).size);
      }),
      { seed: 1 },
    );
  });

  it('of its own neurons alone takes an edit away, byte for byte as if it had never been', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), fc.nat(5), (edits, pick) => {
        const gone = edits[pick % edits.length] ?? [];
        const without = edits.filter((one) => one !== gone);
        const neurons = gone.map(({ at }) => at);
        const keys = new Set(neurons.map(neuronKey));
        const chains = without.map((one) => one.filter(({ at }) => keys.has(neuronKey(at))));
        const whole = overlayOf(replay(base, edits));
        const left = replaced(whole, neurons, replay(base, chains));
        expect(left).toEqual(overlayOf(replay(base, without)));
      }),
      { seed: 1 },
    );
  });

  it('of nothing is the base', () => {
    expect(overlayOf(replay(base, [])).id).toBe('');
    expect(replaced(overlayOf(replay(base, [])), [], []).id).toBe('');
  });

  it('does not touch the base', () => {
    const before = [...base].map(([key, v]) => [key, vectorHash(v)]);
    replay(base, [[{ at: [0, 0], change: { scale: 0 } }]]);
    expect([...base].map(([key, v]) => [key, vectorHash(v)])).toEqual(before);
  });
});
