// npm run engine:tensorflow [-- --libtensorflow WHEEL]: installs the native engine where `npm ci` leaves it alone.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { errorData, InputError } from '../../errors.js';
import { tryApart } from '../apart.js';
import { buildAddon, fetchAddon } from './addon.js';
import { CommandError, run } from './command.js';
import { HOME, PACKAGES } from './packages.js';
import { fetchWheel, unpackWheel } from './wheel.js';

const USAGE = `npm run engine:tensorflow [-- --libtensorflow WHEEL]

Installs ${PACKAGES.tensorflow} into .kn-edit/tensorflow, with the official libtensorflow. Where that cannot be had, or
with --libtensorflow, the addon is built here against the library in a Python wheel of tensorflow-cpu (or of tensorflow,
for GPUs). That takes Linux, python3 and a C++ compiler, 2.5 GB of disk meanwhile and 1.2 GB in the end.
`;

/** Everything happens here, and takes the old engine's place when it is done. */
const STAGE = `${HOME}.partial`;
const LOG = `${HOME}.log`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { libtensorflow: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return say(USAGE);
  rmSync(STAGE, { recursive: true, force: true });
  rmSync(LOG, { force: true });
  mkdirSync(STAGE, { recursive: true });

  const directory = await installPackage();
  // npm starts scripts in the package's directory; a path is meant from where the user is.
  const wheel = values.libtensorflow && resolve(process.env.INIT_CWD ?? '', values.libtensorflow);
  if (wheel) await build(directory, wheel);
  else await fetchOrBuild(directory);

  rmSync(HOME, { recursive: true, force: true });
  renameSync(STAGE, HOME);
  const { found, detail } = await tryApart('tensorflow');
  if (!found) throw new InputError(`${HOME}: installed, but does not work: ${detail}; another wheel may (--libtensorflow)`);
  rmSync(LOG);
  say(`engine tensorflow works: ${detail}`);
}

const options = { cwd: STAGE, log: LOG };

/** The package and its dependencies, without running their scripts. @returns its directory */
async function installPackage(): Promise<string> {
  const require = createRequire(import.meta.url);
  const { version } = z.object({ version: z.string() }).parse(require('@tensorflow/tfjs-core/package.json'));
  say(`installing ${PACKAGES.tensorflow} ${version} into ${HOME}`);
  writeFileSync(
    join(STAGE, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [PACKAGES.tensorflow]: version } }),
  );
  const npm = process.env.npm_execpath; // npm says where it is to the scripts that it runs
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm'];
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  await run(command, [...first, 'install', ...flags], options);
  return join(STAGE, 'node_modules', PACKAGES.tensorflow);
}

async function fetchOrBuild(directory: string): Promise<void> {
  say('fetching the official libtensorflow');
  try {
    await fetchAddon(directory, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(`it cannot be had: ${error.message}`);
    say('fetching the wheel of tensorflow-cpu');
    await build(directory, await fetchWheel(join(STAGE, 'wheels'), options));
    rmSync(join(STAGE, 'wheels'), { recursive: true });
  }
}

async function build(directory: string, wheel: string): Promise<void> {
  if (process.platform !== 'linux') {
    throw new InputError('wheels for this system are not supported; only the official libtensorflow is');
  }
  say(`unpacking ${wheel}`);
  await unpackWheel(wheel, join(directory, 'deps'), options);
  say('building the addon');
  await buildAddon(directory, options);
}

await main().catch((error: unknown) => {
  process.stderr.write(`engine:tensorflow: ${errorData(error).message}\n`);
  process.exitCode = errorData(error).exitCode;
});
