// Suites of reference values, for every family on every engine that is to be had here.
import { describe } from 'vitest';
import { findPackage, isNative, type NativeEngine } from '../../src/engine/backends/native.js';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import type { EngineName } from '../../src/spec/choices.js';

/** Why tests of a native engine cannot run; undefined where they can. */
export function whyNotInstalled(engine: NativeEngine): string | undefined {
  return findPackage(engine) ? undefined : `not installed; npm run engine:${engine} installs it`;
}

/** Describes a suite per family and engine; an engine that is not to be had is skipped, with the reason in the title. */
export async function describeOnEngines<F extends string, E extends EngineName>(
  families: readonly F[],
  engines: readonly E[],
  suite: (family: F, engine: E) => void,
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
  if (isNative(engine)) return whyNotInstalled(engine);
  return prepareEngine(engine).then(
    () => undefined,
    (error: Error) => error.message,
  );
}
