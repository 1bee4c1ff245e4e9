// SwiftShader, the device without a GPU, out of a build of Chromium.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type CommandOptions, run } from '../../pip/command.js';
import { SOFTWARE, softwareIn } from '../backends/webgpu/software.js';

/** The package with the archive. Nothing else of it is used or kept. */
export const CHROMIUM = { '@sparticuz/chromium': '147.0.0' };
const ARCHIVE = 'bin/swiftshader.tar.br';

/**
 * Unpacks SwiftShader out of its package, which is removed.
 * @throws CommandError when it cannot be unpacked
 */
export async function unpackSoftware(stage: CommandOptions): Promise<void> {
  const directory = softwareIn(stage.cwd);
  const [name = ''] = Object.keys(CHROMIUM);
  const chromium = join(stage.cwd, 'node_modules', name);
  mkdirSync(directory);
  const archive = join(directory, 'archive.tar');
  writeFileSync(archive, brotliDecompressSync(readFileSync(join(chromium, ARCHIVE))));
  await run(`${ARCHIVE} could not be unpacked`, 'tar', ['-xf', archive, '-C', directory, ...SOFTWARE], stage);
  rmSync(archive);
  rmSync(chromium, { recursive: true });
}
