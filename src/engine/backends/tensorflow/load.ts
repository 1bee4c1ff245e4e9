// Loads a native package into this process. Only for processes that may end with it.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { findPackage, type NativeEngine, PACKAGES } from '../native.js';
import { restoreUtil } from './restore-util.js';

const require = createRequire(import.meta.url);

/** What tfjs-node tells about its library. */
const backendSchema = z.object({
  isUsingGpuDevice: z.boolean(),
  binding: z.object({ TF_Version: z.string() }),
});

/**
 * Registers the backend of a native package.
 * @returns its name in tfjs, and the versions of package and library
 * @throws when the package is not installed, or its library cannot be loaded
 */
export async function loadTensorflow(engine: NativeEngine): Promise<{ backend: string; version: string }> {
  const directory = findPackage(engine);
  if (!directory) throw new Error('not installed');
  restoreUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'; // it writes to stderr when it is loaded; most of that can be turned off
  require(directory);
  const { version } = z.object({ version: z.string() }).parse(require(`${directory}/package.json`));
  const { data: backend } = backendSchema.safeParse(tf.findBackend('tensorflow'));
  if (!backend) throw new Error('it registers no backend');
  const device = backend.isUsingGpuDevice ? ', on a GPU' : '';
  return {
    backend: 'tensorflow',
    version: `${PACKAGES[engine]} ${version}, libtensorflow ${backend.binding.TF_Version}${device}`,
  };
}
