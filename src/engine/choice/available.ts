// How much memory the program may still take: of the machine's, or of what the control group that it is in, as in a
// container, has been given.
import { existsSync, readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

/** In bytes. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  const available = process.availableMemory();
  const limited = limit > 0 && limit <= totalmem();
  return limited ? Math.min(freemem(), limit, available + fileCache()) : available;
}

/**
 * What Linux keeps of files that a control group has read, in bytes. Node counts it as used; but the system gives it up
 * for anything else, and a model that was read once would be in its own way.
 * @param root where the file system begins
 */
export function fileCache(root = '/'): number {
  try {
    const groups = readFileSync(join(root, 'proc/self/cgroup'), 'utf8');
    const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1]; // of version 1
    const second = /^0::(.*)$/m.exec(groups)?.[1] ?? '';
    const mount = join(root, 'sys/fs/cgroup', first === undefined ? '' : 'memory');
    // A container may see its own group alone, and that at the top.
    const places = [first ?? second, ''].map((group) => join(mount, group, 'memory.stat'));
    const counts = readFileSync(places.find(existsSync) ?? '', 'utf8');
    const ours = first === undefined ? /^(?:in)?active_file (\d+)$/gm : /^total_(?:in)?active_file (\d+)$/gm;
    return [...counts.matchAll(ours)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  } catch {
    return 0; // another system, or none of it is shown
  }
}
