// How `npm run engine:NAME` installs a native engine where `npm ci` leaves it alone.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { errorData, InputError } from '../../errors.js';
import { type CommandOptions, run } from '../../pip/command.js';
import { tryApart } from '../choice/apart.js';
import { homeOf, type NativeEngine } from './native.js';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Installs an engine: everything happens in a stage, which takes the place of an older engine when it is complete; then
 * the engine is tried.
 * @param fill puts everything into the stage, its working directory
 * @param otherwise what may help where the engine is installed and does not work
 * @throws InputError when a step fails, or the engine does not work
 */
export async function installEngine(
  engine: NativeEngine,
  fill: (stage: CommandOptions) => Promise<void>,
  otherwise: string,
): Promise<void> {
  const home = homeOf(engine);
  const stage = { cwd: `${home}.partial`, log: `${home}.log` };
  rmSync(stage.log, { force: true });
  rmSync(stage.cwd, { recursive: true, force: true }); // of a run that was killed
  mkdirSync(stage.cwd, { recursive: true });
  try {
    await fill(stage);
    rmSync(home, { recursive: true, force: true });
    renameSync(stage.cwd, home);
  } finally {
    rmSync(stage.cwd, { recursive: true, force: true });
  }
  const { found, detail } = await tryApart(engine);
  if (!found) throw new InputError(`installed, but does not work: ${detail}; ${otherwise}`);
  rmSync(stage.log);
  say(`engine ${engine} works: ${detail}`);
}

/** The version of tfjs here, which its packages have to be of. */
export function tfjsVersion(): string {
  const core: unknown = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json');
  return z.object({ version: z.string() }).parse(core).version;
}

/**
 * Packages and what they depend on, without running their scripts. Peers are left out: they find those of the program,
 * in a directory above.
 * @param packages versions by name
 */
export async function installPackages(
  packages: Record<string, string>,
  stage: CommandOptions,
): Promise<void> {
  const list = Object.entries(packages).map((entry) => entry.join(' '));
  say(`installing ${list.join(', ')}`);
  const manifest = { private: true, dependencies: packages };
  writeFileSync(join(stage.cwd, 'package.json'), JSON.stringify(manifest));
  const npm = process.env.npm_execpath; // npm tells the scripts that it runs where it is
  const flags = ['--ignore-scripts', '--legacy-peer-deps', '--no-package-lock', '--no-audit', '--no-fund'];
  const args = [...(npm ? [npm] : []), 'install', ...flags];
  await run(`npm could not install ${list.join(', ')}`, npm ? process.execPath : 'npm', args, stage);
}

/** Options of such a script. @throws InputError when they are wrong */
export const readOptions: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw error instanceof TypeError ? new InputError(`${error.message}; see --help`) : error;
  }
};

/** Runs such a script; what goes wrong is one line, and the exit code. */
export async function runInstaller(engine: NativeEngine, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    const { message, exitCode } = errorData(error);
    process.stderr.write(`engine:${engine}: ${message}\n`);
    process.exitCode = exitCode;
  });
}
