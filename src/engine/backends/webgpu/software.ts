// A device without a GPU: SwiftShader, Vulkan on the processor. Slow; for tests.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const LOADER = 'libvulkan.so.1';
const DESCRIPTION = 'vk_swiftshader_icd.json';
/** The files that it consists of. */
export const SOFTWARE = [LOADER, DESCRIPTION, 'libvk_swiftshader.so'];

/** Libraries, which would be unloaded with the last reference to them. */
const held: object[] = [];

/** Where its files are. @param home directory in which the engine is installed */
export function softwareIn(home: string): string {
  return join(home, 'swiftshader');
}

/** Makes Vulkan find SwiftShader, and nothing else, where it was installed. To be called before Vulkan is loaded. */
export async function loadSoftware(home: string): Promise<void> {
  const directory = softwareIn(home);
  if (!existsSync(directory)) return;
  process.env.VK_ICD_FILENAMES = join(directory, DESCRIPTION);
  const { default: koffi } = await import('koffi');
  held.push(koffi.load(join(directory, LOADER))); // who asks for it by its name gets what is loaded
}
