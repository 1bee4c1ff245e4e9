// Two edits side by side: what can be compared comes first, and what only one of them has is told apart.
import { expect, test } from 'vitest';
import type { EditDiff } from '../../src/index.js';
import { diffReport } from '../../src/report/diff.js';
import { PLAIN } from '../../src/report/style.js';

const probe = (i: number) => ({
  ...{ role: 'unrelated' as const, prompt: `prompt ${i} [MASK].`, expect: 'a' },
  after: [
    { answer: 'a', prob: 0.9 },
    { answer: 'b', prob: 0.8 },
  ] satisfies EditDiff['probes'][number]['after'],
});
const DIFF: EditDiff = {
  edits: [
    { id: 1, name: 'one', operation: 'suppress', status: 'applied' },
    { id: 2, name: 'two', operation: 'amplify', status: 'applied' },
  ],
  fields: [
    { field: 'specification.$schema', values: ['https://example.org/edit.json', undefined] },
    { field: 'specification.model', values: ['kn-mini', undefined] },
    { field: 'specification.fact.subject', values: ['Chad', 'Mali'] },
    { field: 'specification.fact.prompts.0', values: ['in Chad', 'in Mali'] },
    { field: 'specification.fact.prompts.1', values: ['of Chad', undefined] },
    { field: 'specification.probes.unrelated.0.prompt', values: [undefined, 'p'] },
    { field: 'specification.probes.unrelated.0.expect', values: [undefined, 'e'] },
  ],
  overlays: [null, null],
  neurons: { shared: [{ layer: 1, neuron: 3 }], same: 1, only: [[], []], jaccard: 1 },
  verdict: [null, null],
  effect: [0.1, 0.2],
  damage: [null, null],
  probes: Array.from({ length: 12 }, (_, i) => probe(i)),
};

test('effects, neurons and answers come before what was asked', () => {
  const text = diffReport(DIFF, { width: 80, style: PLAIN });
  const places = ['effect on the fact', '1 neuron in common', '12 probes in common', 'field '].map((part) =>
    text.indexOf(part),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(text.split('\n').slice(-4)).toEqual([
    expect.stringMatching(/^ fact.subject +Chad +Mali$/),
    expect.stringMatching(/^ fact.prompts +2 that differ +1 that differ$/),
    ' only edit 1: model',
    ' only edit 2: probes.unrelated',
  ]);
  expect(text).not.toContain('$schema');
});

test('on a page that scrolls every answer that differs is listed', () => {
  expect(diffReport(DIFF, { width: 80, style: PLAIN })).toContain('2 more (--json lists all)');
  const whole = diffReport(DIFF, { width: 80, style: PLAIN, scrolls: true });
  expect(whole).toContain('prompt 11 ');
  expect(whole).not.toContain('--json');
});
