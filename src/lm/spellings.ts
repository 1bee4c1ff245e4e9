// The names under which a tensor is found in checkpoints in the wild.

/**
 * Spellings of a tensor's name, in the order in which they count: older checkpoints call the parameters of layer
 * normalisation `gamma` and `beta`, checkpoints of the body alone leave its prefix out, some hold the bias of the
 * vocabulary with its decoder (which is the one that counts where there are both, as in transformers 5), and the heads of
 * GPT-NeoX and DeBERTa have two names.
 * @param prefix of the body's tensors, `bert.`
 */
export function spellings(name: string, prefix: string): string[] {
  const names = [name];
  if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
  else if (name.endsWith('.bias')) names.unshift(name.replace(/bias$/, 'decoder.bias'));
  if (name.startsWith('embed_out.')) names.push(name.replace('embed_out', 'lm_head'));
  if (DEBERTA_HEAD.test(name)) names.push(name.replace(DEBERTA_HEAD, 'lm_predictions.lm_head.'));
  return [...names, ...names.map((one) => one.replace(/weight$/, 'gamma').replace(/bias$/, 'beta'))];
}

/** The head of DeBERTa as the library calls it; the published files of version 3 have another name. */
const DEBERTA_HEAD = /^cls\.predictions\.(transform\.)?/;

/** What training frameworks put before every name: DataParallel, torch.compile, Lightning. */
const WRAPPERS = ['module.', '_orig_mod.', 'model.'];

/** The wrapper, or wrappers in wrappers, that all of the names begin with; else an empty text. */
export function wrapperOf(names: readonly string[]): string {
  const around = WRAPPERS.find((one) => names.length > 0 && names.every((name) => name.startsWith(one)));
  return around ? around + wrapperOf(names.map((name) => name.slice(around.length))) : '';
}
