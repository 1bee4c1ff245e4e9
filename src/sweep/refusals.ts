// What several commands refuse in the same words.
import { InputError } from '../errors.js';
import { didYouMean } from '../spec/closest.js';

/** A relation was asked for that is not there. @param names those that are there */
export function unknownRelation(
  where: 'set' | 'run',
  relation: string,
  names: readonly string[],
  field: string,
): InputError {
  const advice = didYouMean(relation, names) || `; it has ${names.slice(0, 20).join(', ')}`;
  return new InputError(`the ${where} has no relation "${relation}"${advice}`, field);
}

/** There is nothing to analyse in a run. */
export function noNeuron(directory: string): InputError {
  return new InputError(`${directory}: no fact of the run has a neuron; name one of --do locate`);
}
