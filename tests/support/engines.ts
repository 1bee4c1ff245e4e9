// Suites of reference values, for every family on every engine that is to be had here.
import { describe } from 'vitest';
import { type EngineName, prepareEngine } from '../../src/engine/engine.js';

/** Describes a suite per family and engine; an engine that is not to be had is skipped, with the reason in the title. */
export async function describeOnEngines<F extends string>(
  families: readonly F[],
  engines: readonly EngineName[],
  suite: (family: F, engine: EngineName) => void,
): Promise<void> {
  for (const engine of engines) {
    const missing = await prepareEngine(engine).then(
      () => '',
      (error: Error) => error.message,
    );
    for (const family of families) {
      const title = `${family} on ${engine}${missing && ` (skipped: ${missing})`}`;
      describe.skipIf(missing !== '')(title, () => suite(family, engine));
    }
  }
}
