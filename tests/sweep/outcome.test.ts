// Whose fault a failure is: of what cannot be used, the fact's; of all else it is tried again.
import { expect, it } from 'vitest';
import { ConflictError, InputError, InterruptedError, NetworkError } from '../../src/errors.js';
import type { SweepJob } from '../../src/sweep/job.js';
import { failed } from '../../src/sweep/outcome.js';

const job = { id: 'a' } as SweepJob;

it.each([
  [new InputError('no mask', 'fact.prompts'), 'input'],
  [new ConflictError('the ledger is being written'), 'crash'],
  [new NetworkError('no answer'), 'crash'],
  [new Error('out of memory'), 'crash'],
])('%s: %s', (error, kind) => {
  expect(failed(job, error)).toMatchObject({ failure: { kind } });
});

it('an interruption is no failure', () => {
  expect(() => failed(job, new InterruptedError())).toThrow(InterruptedError);
});
