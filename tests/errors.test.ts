// Errors as plain data and back: each keeps its class, and with it everything that tells it from others.
import { expect, it } from 'vitest';
import {
  ConflictError,
  errorData,
  errorFromData,
  InputError,
  InterruptedError,
  type KnEditError,
  NetworkError,
  NotFiniteError,
} from '../src/errors.js';

it.each<[KnEditError]>([
  [new InputError('must not be empty')],
  [new InputError('must not be empty', 'prompt')],
  [new NotFiniteError('the logits are no numbers')],
  [new ConflictError('the ledger is locked')],
  [new NetworkError('the hub cannot be reached')],
  [new InterruptedError()],
])('%s', (error) => {
  const again = errorFromData(errorData(error));
  expect(again.constructor.name).toBe(error.constructor.name);
  expect({ ...errorData(again) }).toEqual({ ...errorData(error) });
});

it('what was not foreseen stays a plain error', () => {
  const again = errorFromData(errorData(new RangeError('too much')));
  expect([again.constructor, again.message]).toEqual([Error, 'too much']);
});
