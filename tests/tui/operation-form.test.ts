// The operation as lines to turn: the number of neurons.
import { expect, test } from 'vitest';
import type { Operation } from '../../src/index.js';
import { formOf } from '../../src/tui/screens/operation-form.js';

test('neurons are turned from what this model takes beside its edits, and back to it', () => {
  const rowOf = (operation: Operation) =>
    formOf(operation, '', 'solve', (method) => (method === 'solve' ? 176 : 80)).find(
      ({ label }) => label === 'neurons',
    );
  const rewrite = { type: 'rewrite', to: 'Rome' } as const;
  expect(rowOf({ ...rewrite, method: 'subject' })?.value).toBe('up to 80');
  expect(rowOf({ ...rewrite, method: 'solve' })?.value).toBe('up to 176');
  const more = rowOf({ ...rewrite, method: 'solve' })?.turn?.(1);
  expect(more).toMatchObject({ neurons: 186 });
  expect(more && rowOf(more)?.turn?.(-1)).toMatchObject({ neurons: undefined });
});
