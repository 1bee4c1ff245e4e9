// How `npm run engine:NAME` installs what `npm ci` leaves alone.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { type CommandOptions, run } from '../../pip/command.js';
import { homeOf, type NativeEngine } from '../backends/native.js';
import { tryApart } from '../choice/apart.js';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Something that can be installed. */
interface Installation {
  /** NAME. */
  name: string;
  /** Its directory. */
  home: string;
  /** Puts everything into a stage, the working directory of its steps. */
  fill(stage: CommandOptions): Promise<void>;
  /** Whether it works, once it is in its place, and what it is or why not. */
  attempt(): Promise<{ found: boolean; detail: string }>;
  /** What may help where it is installed and does not work. */
  otherwise: string;
}

/**
 * Everything happens in a stage, which takes the place of an older installation when it is complete; then it is tried.
 * @throws InputError when a step fails, or it does not work
 */
export async function install({ name, home, fill, attempt, otherwise }: Installation): Promise<void> {
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
  const { found, detail } = await attempt();
  if (!found) throw new InputError(`installed, but does not work: ${detail}; ${otherwise}`);
  rmSync(stage.log);
  say(`engine ${name} works: ${detail}`);
}

/** Installs a native engine. @throws InputError when a step fails, or it does not work */
export function installEngine(
  engine: NativeEngine,
  fill: Installation['fill'],
  otherwise: string,
): Promise<void> {
  const attempt = () => tryApart(engine);
  return install({ name: engine, home: homeOf(engine), fill, attempt, otherwise });
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
