// The engines of native code: their packages, and where these can be. Light: nothing of them is loaded here.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PACKAGES = {
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
  tensorflow: '@tensorflow/tfjs-node',
} as const;

export type NativeEngine = keyof typeof PACKAGES;

const require = createRequire(import.meta.url);

/** Where `npm run engine:NAME` installs: beside node_modules, which `npm ci` empties. */
export function homeOf(engine: NativeEngine): string {
  return fileURLToPath(new URL(`../../../.kn-edit/${engine}`, import.meta.url));
}

/**
 * Whether an engine runs native code. Such an engine is tried and used in a process of its own: a crash there ends
 * nothing else.
 */
export function isNative(engine: string): engine is NativeEngine {
  return engine in PACKAGES;
}

/** The directory of an engine's package: in its own home, or among the dependencies. Undefined where there is none. */
export function findPackage(engine: NativeEngine, home = homeOf(engine)): string | undefined {
  try {
    return dirname(require.resolve(`${PACKAGES[engine]}/package.json`, { paths: [home] }));
  } catch {
    return undefined;
  }
}
