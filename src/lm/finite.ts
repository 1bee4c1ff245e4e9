// What leaves the network are numbers, or nothing does.
import { NotFiniteError } from '../errors.js';
import { allFinite } from '../numbers.js';
import type { LanguageModel } from './language-model.js';
import type { Sequence } from './prompt.js';

/**
 * Checks what the model says to a prompt: probabilities, or differences of them.
 * @throws NotFiniteError that names the prompt and the state of the model
 */
export function requireNumbers(
  { overlay, tokenizer }: LanguageModel,
  { ids }: Sequence,
  values: ArrayLike<number>,
): void {
  if (allFinite(values)) return;
  const state = overlay.id === '' ? 'of the base' : 'of the model as edited';
  const prompt = ids.map((id) => tokenizer.token(id)).join(' ');
  throw new NotFiniteError(
    `the probabilities ${state} for "${prompt}" are not numbers: what it computes exceeds single precision; ` +
      'its values, or the factor of an edit or of a what-if, are too large',
  );
}
