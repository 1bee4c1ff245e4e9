// SmolLM2-135M-Instruct: the pretrained language model that tests and evaluations use where it has been fetched.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { userCache } from '../user-cache.js';

export const FILE = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** Where `npm run model:smollm2` puts models; undefined where the user has no home. */
export const MODELS = userCache('models');

/** The model's file; undefined where it has not been fetched. */
export function findSmolLm2(): string | undefined {
  const path = MODELS && join(MODELS, FILE);
  return path && existsSync(path) ? path : undefined;
}
