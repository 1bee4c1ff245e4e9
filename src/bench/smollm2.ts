// SmolLM2-135M-Instruct: the pretrained language model that tests and evaluations use where it has been fetched.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { userCache } from '../user-cache.js';

export const SMOLLM2_FILE = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** Where `npm run model:smollm2` puts models; undefined where the user has no home. */
export const MODELS_DIRECTORY = userCache('models');

/** The model's file; undefined where it has not been fetched. */
export function findSmolLm2(): string | undefined {
  const path = MODELS_DIRECTORY && join(MODELS_DIRECTORY, SMOLLM2_FILE);
  return path && existsSync(path) ? path : undefined;
}

/** The model's file. @throws InputError when it has not been fetched */
export function requireSmolLm2(): string {
  const path = findSmolLm2();
  if (path) return path;
  throw new InputError('SmolLM2-135M-Instruct is not here; fetch it with: npm run model:smollm2');
}
