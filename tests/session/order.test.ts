// Any order: over random sequences of apply, revert and redo with overlapping neurons, the model is the base with the
// applied edits on top in the order of their ids, and with all of them reverted it is the base, bit for bit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type EditFile, readEdit, Session } from 'kn-edit';
import { afterAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const template = readEdit(new URL('../../edits/erase-symbol.json', import.meta.url).pathname);
const PROMPT = template.fact.prompts[0] ?? '';

type Step = { kind: 'apply'; neurons: number[]; factor: number } | { kind: 'revert' | 'redo'; pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      neurons: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
      factor: fc.constantFrom(0, 0.3, 0.7, 1.5, 2, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('revert' as const, 'redo' as const), pick: fc.nat(7) }),
  },
);

function editOf(neurons: number[], factor: number): EditFile {
  return {
    ...template,
    name: `scale by ${factor}`,
    fact: { ...template.fact, prompts: [PROMPT] },
    locate: undefined,
    neurons: neurons.map((neuron): [number, number] => [3, neuron]),
    operation: { type: 'scale', factor },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
}

it('the model equals the replay from the base', async () => {
  let run = 0;
  const pristine = new Session({ base: true });
  const untouched = await pristine.probe(PROMPT, undefined, 5);
  await pristine.close();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const session = new Session({ db: join(directory, `${run++}.db`) });
      const edits = new Map<number, { neurons: number[]; factor: number; applied: boolean }>();
      const base = new Map<number, Float32Array>(); // by neuron, from the first edit that touched it
      for (const one of steps) {
        if (one.kind === 'apply') {
          const { editId } = await session.apply(editOf(one.neurons, one.factor), { control: 'none' });
          edits.set(editId ?? 0, { ...one, applied: true });
        } else {
          const wanted = one.kind === 'revert';
          const ids = [...edits].filter(([, { applied }]) => applied === wanted).map(([id]) => id);
          const id = ids[one.pick % Math.max(1, ids.length)];
          const edit = id === undefined ? undefined : edits.get(id);
          if (id === undefined || !edit) continue;
          await (wanted ? session.revert({ id }) : session.redo(id));
          edit.applied = !wanted;
        }
        // The closed form: float32 multiplications, one after the other (and no negative zeros).
        const current = new Map<number, Float32Array>();
        for (const [id, { neurons, factor, applied }] of edits) {
          if (!applied) continue;
          const { vectors } = session.show(id);
          expect(vectors.map(({ neuron }) => neuron)).toEqual(neurons);
          for (const { neuron, before, after } of vectors) {
            if (!before || !after) throw new Error('the vectors of a scaling are stored');
            if (!base.has(neuron) && !current.has(neuron)) base.set(neuron, before);
            const expected = current.get(neuron) ?? base.get(neuron) ?? new Float32Array();
            expect(before).toEqual(expected);
            expect(after).toEqual(expected.map((x) => factor * x + 0));
            current.set(neuron, after);
          }
        }
      }
      if ([...edits.values()].some(({ applied }) => applied)) await session.revert('all');
      expect(await session.probe(PROMPT, undefined, 5)).toEqual(untouched);
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
      await session.close();
    }),
    { numRuns: 6, seed: 20260101, endOnFailure: true },
  );
}, 600_000);
