// tfjs-node's addon: built here, or fetched with the official libtensorflow by the package's own script.
import { existsSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type CommandOptions, run } from '../../pip/command.js';

/**
 * Lets the package fetch the official libtensorflow and the addon that was built for it.
 * @param directory the package's directory
 * @throws CommandError when it cannot
 */
export async function fetchAddon(directory: string, options: CommandOptions): Promise<void> {
  const failure = 'the official libtensorflow is not to be had';
  const script = ['scripts/install.js', 'cpu', 'download'];
  await run(failure, process.execPath, script, withTools(directory, options));
}

/**
 * Builds the addon against the library and headers in the package's `deps`. The headers are gone afterwards.
 * @param directory the package's directory
 * @throws CommandError when there is no compiler, or it fails
 */
export async function buildAddon(directory: string, options: CommandOptions): Promise<void> {
  const build = ['install', '--build-from-source'];
  await run('the addon could not be built', 'node-pre-gyp', build, withTools(directory, options));
  rmSync(join(directory, 'deps/include'), { recursive: true });
}

/** Runs in the package's directory, with the programs of its dependencies, this node, and its headers at hand. */
function withTools(directory: string, options: CommandOptions): CommandOptions {
  const programs = join(directory, '../../.bin');
  const PATH = [programs, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...options, cwd: directory, env: { PATH, ...nodeHeaders() } };
}

/** Headers beside the running node, unless others are given; node-gyp downloads them where there are neither. */
function nodeHeaders(): NodeJS.ProcessEnv {
  const root = dirname(dirname(process.execPath));
  const given = process.env.npm_config_nodedir !== undefined;
  return given || !existsSync(join(root, 'include/node/node_api.h')) ? {} : { npm_config_nodedir: root };
}
