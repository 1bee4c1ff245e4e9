// npm run engine:tensorflow [-- --libtensorflow WHEEL]: installs the native engine where `npm ci` leaves it alone.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { errorData, InputError } from '../../../errors.js';
import { CommandError, run } from '../../../pip/command.js';
import { tryApart } from '../../choice/apart.js';
import { buildAddon, fetchAddon } from './addon.js';
import { HOME, PACKAGES } from './packages.js';
import { fetchLibrary, unpackWheel } from './wheel.js';

const USAGE = `npm run engine:tensorflow [-- --libtensorflow WHEEL]

Installs ${PACKAGES.tensorflow} into .kn-edit/tensorflow, with the official libtensorflow. Where that cannot be had, or
with --libtensorflow, the addon is built here against the library in a Python wheel of tensorflow-cpu (or of tensorflow,
for GPUs). That takes Linux, python3 with pip, make, a C++ compiler, and 3 GB of disk, of which 1.1 GB remain in use.`;

/** Everything happens here, and takes the place of an older engine when it is complete. */
const STAGE = `${HOME}.partial`;
const steps = { cwd: STAGE, log: `${HOME}.log` };

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @throws InputError when the options are wrong, or a step fails */
async function main(): Promise<void> {
  const { help, wheel } = readOptions();
  if (help) return say(USAGE);
  rmSync(steps.log, { force: true });
  rmSync(STAGE, { recursive: true, force: true }); // of a run that was killed
  mkdirSync(STAGE, { recursive: true });
  try {
    const directory = await installPackage();
    if (wheel) await build(directory, wheel);
    else await fetchOrBuild(directory);
    rmSync(HOME, { recursive: true, force: true });
    renameSync(STAGE, HOME);
  } finally {
    rmSync(STAGE, { recursive: true, force: true });
  }
  const { found, detail } = await tryApart('tensorflow');
  if (!found) {
    throw new InputError(`installed, but does not work: ${detail}; another wheel may (--libtensorflow)`);
  }
  rmSync(steps.log);
  say(`engine tensorflow works: ${detail}`);
}

function readOptions(): { help: boolean; wheel: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { libtensorflow: { type: 'string' }, help: { type: 'boolean', default: false } },
    });
    // npm starts scripts in the package's directory; a path is meant from where the user is.
    const wheel = values.libtensorflow && resolve(process.env.INIT_CWD ?? '', values.libtensorflow);
    if (wheel && !existsSync(wheel)) throw new InputError(`${wheel}: no such file`, '--libtensorflow');
    return { help: values.help, wheel };
  } catch (error) {
    throw error instanceof TypeError ? new InputError(`${error.message}; see --help`) : error;
  }
}

/** The package and its dependencies, without running their scripts. @returns its directory */
async function installPackage(): Promise<string> {
  const require = createRequire(import.meta.url);
  const core: unknown = require('@tensorflow/tfjs-core/package.json');
  const { version } = z.object({ version: z.string() }).parse(core); // both have to be of one version
  say(`installing ${PACKAGES.tensorflow} ${version} into ${HOME}`);
  const manifest = { private: true, dependencies: { [PACKAGES.tensorflow]: version } };
  writeFileSync(join(STAGE, 'package.json'), JSON.stringify(manifest));
  const npm = process.env.npm_execpath; // npm tells the scripts that it runs where it is
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  const failure = `npm could not install ${PACKAGES.tensorflow}`;
  await run(failure, npm ? process.execPath : 'npm', [...(npm ? [npm] : []), 'install', ...flags], steps);
  return join(STAGE, 'node_modules', PACKAGES.tensorflow);
}

async function fetchOrBuild(directory: string): Promise<void> {
  say('fetching the official libtensorflow');
  try {
    await fetchAddon(directory, steps);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(error.message);
    const wheels = join(STAGE, 'wheels');
    say('fetching libtensorflow in a Python wheel');
    await build(directory, await fetchLibrary(wheels, steps));
    rmSync(wheels, { recursive: true });
  }
}

async function build(directory: string, wheel: string): Promise<void> {
  if (process.platform !== 'linux') {
    throw new InputError(
      'the library in a wheel serves on Linux alone; elsewhere the official one has to do',
    );
  }
  say(`unpacking ${wheel}`);
  await unpackWheel(wheel, join(directory, 'deps'), steps);
  say('building the addon');
  await buildAddon(directory, steps);
}

await main().catch((error: unknown) => {
  const { message, exitCode } = errorData(error);
  process.stderr.write(`engine:tensorflow: ${message}\n`);
  process.exitCode = exitCode;
});
