// npm run engine:webgpu [-- --software]: installs tfjs' WebGPU backend, and Dawn, which brings WebGPU to Node.
import { parseArgs } from 'node:util';
import { runScript } from '../../script.js';
import { PACKAGES } from '../backends/native.js';
import { DAWN } from '../backends/webgpu/dawn.js';
import { installEngine, installPackages, say, tfjsVersion } from './install.js';
import { CHROMIUM, unpackSoftware } from './swiftshader.js';

const USAGE = `npm run engine:webgpu [-- --software]

Installs ${PACKAGES.webgpu} into .kn-edit/webgpu, with Dawn (the package ${DAWN.name}) for Linux, macOS and Windows:
200 MB. With --software, it gets a device that the processor emulates (SwiftShader, for Linux on x86-64) in the place of a
GPU: slow, for tests.`;

/** @throws InputError when the options are wrong, or a step fails */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { software: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return say(USAGE);
  const packages = { [PACKAGES.webgpu]: tfjsVersion(), [DAWN.name]: DAWN.version };
  await installEngine(
    'webgpu',
    async (stage) => {
      await installPackages({ ...packages, ...(values.software && CHROMIUM) }, stage);
      if (values.software) await unpackSoftware(stage);
    },
    'without a GPU, --software gives a slow device for tests',
  );
}

await runScript('engine:webgpu', main);
