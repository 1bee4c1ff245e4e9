// A device without a GPU: SwiftShader, Vulkan on the processor, out of a build of Chromium. Slow; for tests.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type CommandOptions, run } from '../../../pip/command.js';

/** The package with the archive. Nothing else of it is used or kept. */
export const CHROMIUM = { '@sparticuz/chromium': '147.0.0' };
const ARCHIVE = 'bin/swiftshader.tar.br';

const LOADER = 'libvulkan.so.1';
const DESCRIPTION = 'vk_swiftshader_icd.json';
const FILES = [LOADER, DESCRIPTION, 'libvk_swiftshader.so'];

/** Libraries, which would be unloaded with the last reference to them. */
const held: object[] = [];

const directoryIn = (home: string) => join(home, 'swiftshader');

/**
 * Unpacks SwiftShader out of its package, which is removed.
 * @throws CommandError when it cannot be unpacked
 */
export async function unpackSoftware(stage: CommandOptions): Promise<void> {
  const directory = directoryIn(stage.cwd);
  const [name = ''] = Object.keys(CHROMIUM);
  const chromium = join(stage.cwd, 'node_modules', name);
  mkdirSync(directory);
  const archive = join(directory, 'archive.tar');
  writeFileSync(archive, brotliDecompressSync(readFileSync(join(chromium, ARCHIVE))));
  await run(`${ARCHIVE} could not be unpacked`, 'tar', ['-xf', archive, '-C', directory, ...FILES], stage);
  rmSync(archive);
  rmSync(chromium, { recursive: true });
}

/** Makes Vulkan find SwiftShader, and nothing else, where it was installed. To be called before Vulkan is loaded. */
export async function loadSoftware(home: string): Promise<void> {
  const directory = directoryIn(home);
  if (!existsSync(directory)) return;
  process.env.VK_ICD_FILENAMES = join(directory, DESCRIPTION);
  const { default: koffi } = await import('koffi');
  held.push(koffi.load(join(directory, LOADER))); // who asks for it by its name gets what is loaded
}
