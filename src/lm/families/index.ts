// The families that can be loaded, and which of them a checkpoint belongs to.
import { InputError } from '../../errors.js';
import { albert } from './albert.js';
import { bert } from './bert.js';
import { deberta } from './deberta.js';
import { distilbert } from './distilbert.js';
import { electra } from './electra.js';
import type { Family } from './family.js';
import { gemma, gemma2, gemma3, gemma3Multimodal } from './gemma.js';
import { gptNeo } from './gpt-neo.js';
import { gptNeox } from './gpt-neox.js';
import { gpt2 } from './gpt2.js';
import { gptj } from './gptj.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { modernbert } from './modernbert.js';
import { olmo2 } from './olmo2.js';
import { opt } from './opt.js';
import { phi } from './phi.js';
import { phi3 } from './phi3.js';
import { qwen2, qwen3 } from './qwen.js';
import { roberta, xlmRoberta } from './roberta.js';

export const FAMILIES: readonly Family[] = [
  bert,
  distilbert,
  roberta,
  xlmRoberta,
  modernbert,
  electra,
  deberta,
  albert,
  gpt2,
  gptNeo,
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma,
  gemma2,
  gemma3,
  gemma3Multimodal,
  phi3,
  olmo2,
  gptNeox,
  gptj,
  phi,
  opt,
];

/** What config.json says of the kind of a model. */
export interface Kind {
  model_type?: string | undefined;
  architectures?: readonly string[] | null | undefined;
}

/**
 * The family of a checkpoint: `model_type` decides, in old files without one `architectures`.
 * @param path of the config.json
 * @throws InputError when there is none, or the weights are of another task; what is supported is listed
 */
export function familyOf(path: string, { model_type: type, architectures }: Kind): Family {
  const all = FAMILIES.flatMap((one) => one.architectures);
  const named = architectures?.length ? architectures : undefined;
  const found = FAMILIES.find((one) =>
    type === undefined ? one.architectures.some((name) => named?.includes(name)) : one.type === type,
  );
  if (type !== undefined && !found) {
    const supported = FAMILIES.map((one) => one.type).join(', ');
    throw new InputError(`${path}: model_type "${type}" is not supported; supported: ${supported}`);
  }
  if (!found || (named && !found.architectures.some((name) => named.includes(name)))) {
    const which = named ? `"${named.join(', ')}" is not supported` : 'is missing';
    const supported = found && type !== undefined ? found.architectures : all;
    throw new InputError(`${path}: architectures: ${which}; supported: ${supported.join(', ')}`);
  }
  return found;
}
