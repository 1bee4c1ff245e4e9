// npm run engine:tensorflow [-- --libtensorflow WHEEL]: installs tfjs-node with a libtensorflow.
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError } from '../../errors.js';
import { CommandError, type CommandOptions } from '../../pip/command.js';
import { runScript } from '../../script.js';
import { PACKAGES } from '../backends/native.js';
import { buildAddon, fetchAddon } from './addon.js';
import { installEngine, installPackages, say, tfjsVersion } from './install.js';
import { fetchLibrary, unpackWheel } from './libtensorflow.js';

const USAGE = `npm run engine:tensorflow [-- --libtensorflow WHEEL]

Installs ${PACKAGES.tensorflow} into .kn-edit/tensorflow, with the official libtensorflow. Where that cannot be had, or
with --libtensorflow, the addon is built here against the library in a Python wheel of tensorflow-cpu (or of tensorflow,
for GPUs). That takes Linux, python3 with pip, make, a C++ compiler, and 3 GB of disk, of which 1.1 GB remain in use.`;

/** @throws InputError when the options are wrong, or a step fails */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { libtensorflow: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return say(USAGE);
  // npm starts scripts in the package's directory; a path is meant from where the user is.
  const wheel = values.libtensorflow && resolve(process.env.INIT_CWD ?? '', values.libtensorflow);
  if (wheel && !existsSync(wheel)) throw new InputError(`${wheel}: no such file`, '--libtensorflow');
  await installEngine(
    'tensorflow',
    async (stage) => {
      await installPackages({ [PACKAGES.tensorflow]: tfjsVersion() }, stage);
      const directory = join(stage.cwd, 'node_modules', PACKAGES.tensorflow);
      if (wheel) await build(directory, wheel, stage);
      else await fetchOrBuild(directory, stage);
    },
    'another wheel may (--libtensorflow)',
  );
}

async function fetchOrBuild(directory: string, stage: CommandOptions): Promise<void> {
  say('fetching the official libtensorflow');
  try {
    await fetchAddon(directory, stage);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(error.message);
    const wheels = join(stage.cwd, 'wheels');
    say('fetching libtensorflow in a Python wheel');
    await build(directory, await fetchLibrary(wheels, stage), stage);
    rmSync(wheels, { recursive: true });
  }
}

async function build(directory: string, wheel: string, stage: CommandOptions): Promise<void> {
  if (process.platform !== 'linux') {
    throw new InputError(
      'the library in a wheel serves on Linux alone; elsewhere the official one has to do',
    );
  }
  say(`unpacking ${wheel}`);
  await unpackWheel(wheel, join(directory, 'deps'), stage);
  say('building the addon');
  await buildAddon(directory, stage);
}

await runScript('engine:tensorflow', main);
