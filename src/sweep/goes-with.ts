// Which options of a sweep go with what it does: one that would mean nothing is refused, so that nobody takes it for done.
import { InputError } from '../errors.js';
import { enumerated } from '../report/numbers.js';
import { layersAtSubject } from '../session/choose-at-subject.js';
import type { Context } from '../session/context.js';
import type { SweepOperation } from '../spec/choices.js';
import { isAtSubject, needsLocating, type Operation } from '../spec/edit-file.js';
import type { OperationOptions, SweepOptions } from './options.js';

type Field = keyof OperationOptions | 'by' | 'controls' | 'seeds' | 'text' | 'sequential';

const EDITS: readonly SweepOperation[] = ['edit', 'suppress', 'amplify', 'erase'];

const GOES_WITH: Record<Field, readonly SweepOperation[]> = {
  method: ['edit'],
  neurons: EDITS,
  layer: ['edit'],
  lambdaOld: ['edit'],
  lambdaNew: ['edit'],
  factor: ['amplify'],
  value: ['erase'],
  by: ['suppress', 'amplify', 'erase'],
  controls: EDITS,
  seeds: EDITS,
  text: EDITS,
  sequential: ['edit'],
};

const isGiven = (value: unknown) => value !== undefined && value !== false;

/** The option of the program that a field is given by. */
function optionOf(field: string): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @throws InputError that names the option which means nothing for what is done, or contradicts another one */
export function expectFitting(options: SweepOptions): void {
  const { do: what, operation = {}, controls, seeds, seed, limit, sequential, shard, queue } = options;
  const given: Partial<Record<Field, unknown>> = { ...operation, ...options };
  for (const [field, operations] of Object.entries(GOES_WITH)) {
    if (!isGiven(given[field as Field]) || operations.includes(what)) continue;
    const message = `goes with --do ${enumerated(operations)}, and not with ${what}; leave it out`;
    throw new InputError(message, optionOf(field));
  }
  if (operation.factor !== undefined && !(operation.factor > 1)) {
    throw new InputError(
      'must be above 1, as it amplifies; --do suppress is a factor of 0, and an edit file can "scale" by another one',
      '--factor',
    );
  }
  if (controls === 0 && seeds !== undefined) {
    throw new InputError(
      'draws random neurons, of which --controls 0 asks for none; leave one out',
      '--seeds',
    );
  }
  if (seed !== undefined && what !== 'edit' && limit === undefined && !controls) {
    const drawn =
      what === 'locate'
        ? '--limit; leave it out, or give that'
        : '--limit and --controls; leave it out, or give one of these';
    throw new InputError(`draws the facts of ${drawn}`, '--seed');
  }
  if (sequential && (shard || queue !== undefined)) {
    throw new InputError(
      'each edit is made upon those before it, which --shard and --queue would make elsewhere; leave them out',
      '--sequential',
    );
  }
}

/** @throws InputError that names the option by which the rewrite of each fact would act in layers where it cannot */
export function expectLayers(context: Context, operation: Operation | null): void {
  if (operation?.type !== 'rewrite' || !isAtSubject({ operation })) return;
  layersAtSubject(context, operation, operation.layer === undefined ? '--method' : '--layer');
}

/** @throws InputError that names what is said of locating, where the rewrite's method locates nothing */
export function expectLocating({ full, locate }: SweepOptions, operation: Operation | null): void {
  if (operation?.type !== 'rewrite' || needsLocating({ operation })) return;
  const field = Object.entries({ full, ...locate }).find(([, value]) => isGiven(value))?.[0];
  if (field === undefined) return;
  const message = `goes with what is located, and --method ${operation.method} locates nothing; leave it out`;
  throw new InputError(message, optionOf(field));
}
