// The names under which a tensor is found in checkpoints in the wild.
import type { Family } from './families/family.js';

/**
 * Spellings of a tensor's name, in the order in which they count: older checkpoints call the parameters of layer
 * normalisation `gamma` and `beta`, checkpoints of the body alone leave its prefix out, some hold the bias of the
 * vocabulary with its decoder (which is the one that counts where there are both, as in transformers 5), and some families
 * have names of their own.
 */
export function spellings(
  name: string,
  { prefix, otherwise }: Pick<Family, 'prefix' | 'otherwise'>,
): string[] {
  const names = [name];
  if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
  else if (name.endsWith('.bias')) names.unshift(name.replace(/bias$/, 'decoder.bias'));
  if (otherwise) names.push(otherwise(name));
  return [...names, ...names.map((one) => one.replace(/weight$/, 'gamma').replace(/bias$/, 'beta'))];
}

/** What training frameworks put before every name: DataParallel, torch.compile, Lightning. */
const WRAPPERS = ['module.', '_orig_mod.', 'model.'];

/** The wrapper, or wrappers in wrappers, that all of the names begin with; else an empty text. */
export function wrapperOf(names: readonly string[]): string {
  const around = WRAPPERS.find((one) => names.length > 0 && names.every((name) => name.startsWith(one)));
  return around ? around + wrapperOf(names.map((name) => name.slice(around.length))) : '';
}
