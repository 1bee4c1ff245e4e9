// The engines that a choice allows, and what is said where none of them is to be had. Loads no tensor library.
import { InputError } from '../../errors.js';
import { ENGINES, type EngineChoice, type EngineName } from '../../spec/choices.js';
import type { EngineReport } from '../backends/report.js';

/** The engines that a choice allows, best first. */
export function candidatesOf(choice: EngineChoice): EngineName[] {
  return choice === 'auto' ? ENGINES.filter((name) => name !== 'cpu') : [choice];
}

/** What is said of an engine that `auto` leaves alone. */
export const EMULATED = 'its device is emulated by the processor';

/** Whether a choice leaves an engine alone although it works: `auto` does where the device is emulated. */
export function leavesAlone(choice: EngineChoice, { emulated }: EngineReport): boolean {
  return choice === 'auto' && emulated === true;
}

/** That none of a choice's engines was found, and why. */
export function notFound(choice: EngineChoice, reports: readonly EngineReport[]): InputError {
  const reasons = reports.map(({ engine, detail }) => `${engine}: ${detail}`).join('; ');
  const other = reports.some(({ engine }) => engine === 'wasm') ? 'cpu' : 'wasm';
  return new InputError(`--engine ${choice}: not to be had (${reasons}); try --engine ${other}`);
}
