// For which model a file was written. The name in it is a hint, the fingerprint decides where there is one, and who asks
// for a model by hand knows better than both.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';
import { type Fingerprints, isModel } from '../lm/fingerprint.js';
import type { ModelInfo } from '../lm/model-info.js';
import { companion } from '../lm/one-file.js';
import { readJson } from '../spec/json.js';

/** What a file says of its model. */
interface MeantFor {
  model?: string | undefined;
  fingerprint?: string | undefined;
}

/** What `export` writes beside a model: what it was made from. */
export const ORIGIN = 'kn-edit.json';
const origin = z.looseObject({ base: z.looseObject({ name: z.string(), fingerprint: z.string() }) });

/**
 * Checks that a file is meant for a model, or for the one that it was exported from.
 * @param asked whether the model was asked for by hand; then a file for another one is only noted
 * @returns what is worth noting
 * @throws InputError when it is meant for another one
 */
export function checkMeantFor(
  what: 'edit' | 'suite',
  file: MeantFor,
  model: ModelInfo,
  asked: boolean,
): string | undefined {
  if (fits(file, model)) return undefined;
  const base = originOf(model.directory);
  if (base && fits(file, base)) return undefined;
  const meant = describe(file.model, file.fingerprint);
  if (asked)
    return `the ${what} was written for ${meant}; --model says ${describe(model.name)}, which is taken`;
  const is = describe(model.name, file.fingerprint && model.fingerprint);
  const field = file.fingerprint === undefined ? 'model' : 'fingerprint';
  throw new InputError(`the ${what} is for ${meant}, the model is ${is}; pass --model`, field);
}

function fits(file: MeantFor, model: Fingerprints & { name: string }): boolean {
  if (file.fingerprint !== undefined) return isModel(model, file.fingerprint);
  return file.model === undefined || file.model === model.name;
}

function describe(name: string | undefined, fingerprint?: string | undefined): string {
  const parts = [name && `"${name}"`, fingerprint && `(${fingerprint.slice(0, 12)})`];
  return parts.filter(Boolean).join(' ');
}

function originOf(directory: string): (Fingerprints & { name: string }) | undefined {
  const path = companion(directory, ORIGIN);
  if (!isPresent(path)) return undefined;
  const { base } = readJson(path, origin);
  return { ...base, formerFingerprint: base.fingerprint };
}
