// diff and show: two small edits whose differences can be counted by hand.
import { join } from 'node:path';
import { type EditFile, readEdit, Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const template = readEdit(new URL('../../edits/fix-capital.json', import.meta.url).pathname);

function scale(name: string, neurons: number[], factor: number): EditFile {
  return {
    ...template,
    name,
    fact: { ...template.fact, prompts: template.fact.prompts.slice(0, 1) },
    locate: undefined,
    neurons: neurons.map((neuron): [number, number] => [3, neuron]),
    operation: { type: 'scale', factor },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
}

it('names what differs and what is shared', async () => {
  const db = join(temporaryDirectory(), 'ledger.db');
  const session = new Session({ db });
  await session.apply(scale('first', [1, 2, 3], 1), { control: 'none' });
  await session.apply(scale('second', [3, 2, 8, 9], 2), { seeds: 2 });
  const diff = session.diff(1, 2);
  expect(diff.edits.map(({ id, status }) => [id, status])).toEqual([
    [1, 'applied'],
    [2, 'applied'],
  ]);
  expect(diff.neurons).toEqual({
    shared: [2, 3].map((neuron) => ({ layer: 3, neuron })),
    same: 0,
    only: [[{ layer: 3, neuron: 1 }], [8, 9].map((neuron) => ({ layer: 3, neuron }))],
    jaccard: 2 / 5,
  });
  const fields = new Map(diff.fields.map(({ field, values }) => [field, values]));
  expect(fields.get('specification.name')).toEqual(['first', 'second']);
  expect(fields.get('specification.operation.factor')).toEqual(['1', '2']);
  expect(fields.get('specification.neurons.0.1')).toEqual(['1', '3']);
  expect(fields.get('specification.neurons.3.1')).toEqual([undefined, '9']);
  expect(fields.has('specification.fact.subject')).toBe(false);
  expect([...fields.keys()].some((field) => field.startsWith('versions'))).toBe(false);
  expect(diff.effect[0]).toBeCloseTo(0, 6); // scaling by 1 changes nothing but rounding
  expect(diff.verdict).toEqual(['no effect', session.show(2).verdict]);
  expect(diff.probes).toHaveLength(85); // the prompt, and 80 of the fact base
  const [first] = diff.probes;
  const base = new Session({ base: true });
  const { top } = await base.probe(first?.prompt ?? '', undefined, 1);
  await base.close();
  // A prompt alone and among others: the same but for the rounding of float32 sums.
  expect(first?.after[0].answer).toBe(top[0]?.token);
  expect(first?.after[0].prob).toBeCloseTo(top[0]?.prob ?? 0, 6);

  const same = session.diff(1, 1);
  expect([same.fields, same.neurons.jaccard, same.neurons.same]).toEqual([[], 1, 3]);

  await session.revert({ id: 1 });
  // Scaling by 1 has left the vectors as they were, so the second edit stands on the same bytes.
  expect(session.show(2)).toMatchObject({
    control: { kind: 'random', draws: [{ draw: 1 }, { draw: 2 }] },
    overlaps: [{ id: 1, name: 'first', neurons: 2 }],
  });
  await session.apply(scale('third', [4], 0.5), { control: 'none' });
  await session.close();
  const stacked = await runCli(['diff', '2', '3', '--db', db]);
  expect(stacked.stdout).toMatch(/ measured on +base +base \+ edit 2\n/);

  const text = await runCli(['diff', '1', '2', '--db', db]);
  expect(text.stdout).toMatch(/2 neurons in common \(Jaccard 0\.40\)/);
  expect(text.stdout).toMatch(/ measured on +base +base\n/); // the first changed no byte
  expect(text.stdout).toMatch(/ operation\.factor +1 +2/);
  const shown = await runCli(['show', '2', '--db', db]);
  expect(shown.stdout).toMatch(/ operation\.factor +2\n/);
  expect(shown.stdout).toMatch(/control: random neurons, 2 draws: effect /);
  expect(shown.stdout).toMatch(/ model +kn-mini [0-9a-f]{64}\n/);
  const missing = await runCli(['diff', '1', '7', '--db', db]);
  expect([missing.code, missing.stderr]).toEqual([4, expect.stringMatching(/^kn-edit: edit 7: /)]);
});
