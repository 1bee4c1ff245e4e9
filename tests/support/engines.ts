// Suites of reference values, for every family on every engine that is to be had here.
import { describe } from 'vitest';
import { findPackage } from '../../src/engine/backends/tensorflow/packages.js';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import type { EngineName } from '../../src/spec/choices.js';

/** Why tests of the native engine cannot run; undefined where they can. */
export const NATIVE_MISSING = findPackage('tensorflow')
  ? undefined
  : 'not installed; npm run engine:tensorflow installs it';

/** Describes a suite per family and engine; an engine that is not to be had is skipped, with the reason in the title. */
export async function describeOnEngines<F extends string>(
  families: readonly F[],
  engines: readonly EngineName[],
  suite: (family: F, engine: EngineName) => void,
): Promise<void> {
  for (const engine of engines) {
    const missing = await whyMissing(engine);
    for (const family of families) {
      const title = `${family} on ${engine}${missing ? ` (skipped: ${missing})` : ''}`;
      describe.skipIf(missing !== undefined)(title, () => suite(family, engine));
    }
  }
}

/** A native engine is not loaded where its tests may not even be asked for. */
async function whyMissing(engine: EngineName): Promise<string | undefined> {
  if (engine === 'tensorflow') return NATIVE_MISSING;
  return prepareEngine(engine).then(
    () => undefined,
    (error: Error) => error.message,
  );
}
