// The engines that the golden tests run on: those that ship with the program, and the native one where it is installed.
import { describe } from 'vitest';
import type { EngineName } from '../../src/engine/engine.js';
import { findPackage } from '../../src/engine/tensorflow/packages.js';

/** Why tests of the native engine cannot run; undefined where they can. */
export const NATIVE_MISSING = findPackage('tensorflow')
  ? undefined
  : 'not installed; npm run engine:tensorflow installs it';

/** A suite for each name on each engine. Where one is not installed its tests are skipped, and the title says why. */
export function describeOn<T extends string>(
  engines: readonly EngineName[],
  names: readonly T[],
  suite: (name: T, engine: EngineName) => void,
): void {
  for (const engine of engines) {
    const missing = engine === 'tensorflow' ? NATIVE_MISSING : undefined;
    const title = `%s on ${engine}${missing ? ` (${missing})` : ''}`;
    describe.skipIf(missing !== undefined).each(names)(title, (name) => suite(name, engine));
  }
}
