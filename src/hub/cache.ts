// The hub's cache on this machine, in the layout of Python's huggingface_hub, so that a model that any tool has
// downloaded is found by all of them:
//   models--org--name/blobs/<etag>              what was downloaded, by its checksum
//   models--org--name/snapshots/<commit>/<file> relative symlinks into blobs
//   models--org--name/refs/<branch or tag>      the commit that it meant when it was last downloaded
// The package's own `scanCacheDir` gives a repository up whole for one broken link or stale ref; this does not.
import { randomUUID } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { isPresent } from '../files.js';
import { COMMIT, DEFAULT_REVISION, parseRepository, type Repository, repositoryName } from './repository.js';

const PREFIX = 'models--';

/** Where the cache is: `HF_HUB_CACHE`, or `hub` in `HF_HOME` (by default `~/.cache/huggingface`). */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  const directory = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(home, 'hub');
  return directory.replace(/^~(?=$|[\\/])/, homedir());
}

/** The directory of one repository in the cache, whether it is there or not. */
export function repositoryDirectory(id: string): string {
  return join(cacheDirectory(), PREFIX + id.replaceAll('/', '--'));
}

export function snapshotDirectory(id: string, commit: string): string {
  return join(repositoryDirectory(id), 'snapshots', commit);
}

export function blobPath(id: string, etag: string): string {
  return join(repositoryDirectory(id), 'blobs', etag);
}

/** What has arrived of a blob so far. */
export function partialOf(blob: string): string {
  return `${blob}.incomplete`;
}

/** The snapshot that a revision means in the cache; undefined when it was never downloaded. */
export function findSnapshot({ id, revision }: Repository): string | undefined {
  const commit = COMMIT.test(revision)
    ? revision
    : readRef(join(repositoryDirectory(id), 'refs', ...revision.split('/')));
  if (!commit) return undefined;
  const directory = snapshotDirectory(id, commit);
  return isPresent(directory) ? directory : undefined;
}

/** One snapshot of the cache. */
export interface CachedSnapshot {
  /** What `--model` takes: the repository, with a revision where `main` does not mean this snapshot. */
  name: string;
  commit: string;
  directory: string;
}

/** Every snapshot of every model in the cache, by name; those that no name can mean are left out. */
export function cachedSnapshots(): CachedSnapshot[] {
  return list(cacheDirectory())
    .filter(({ name }) => name.startsWith(PREFIX))
    .flatMap((entry) => {
      const id = entry.name.slice(PREFIX.length).replaceAll('--', '/');
      const refs = readRefs(join(repositoryDirectory(id), 'refs'));
      return list(join(repositoryDirectory(id), 'snapshots'))
        .filter((snapshot) => snapshot.isDirectory() && COMMIT.test(snapshot.name))
        .map(({ name: commit }) => {
          const names = refs.filter((ref) => ref.commit === commit).map(({ name }) => name);
          const revision = names.includes(DEFAULT_REVISION) ? DEFAULT_REVISION : (names[0] ?? commit);
          const name = repositoryName({ id, revision });
          return { name, commit, directory: snapshotDirectory(id, commit) };
        });
    })
    .filter(({ name }) => parseRepository(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names may have slashes (`refs/pr/1`), which are directories here. */
function readRefs(directory: string, prefix = ''): { name: string; commit: string }[] {
  return list(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return readRefs(path, `${prefix}${entry.name}/`);
    const commit = readRef(path);
    return commit ? [{ name: prefix + entry.name, commit }] : [];
  });
}

function readRef(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return COMMIT.test(text) ? text : undefined;
  } catch {
    return undefined; // never downloaded
  }
}

/** What is in a directory; nothing where there is none. */
function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Bytes of a file, links followed; 0 when it is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Whether a file is there, whole as far as its size tells. */
export function hasSize(path: string, size: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === size;
}

/** What the system answers where links cannot be made (Windows without developer mode, some shares). */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN'];

/**
 * Makes a blob appear as a file of a snapshot: a relative link, or, where there are none, the file itself.
 * @param fresh the blob was downloaded just now, so nothing else points to it, and it can be moved
 */
export async function showBlob(blob: string, file: string, fresh: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await rm(file, { force: true });
  if (!/^(1|true|yes|on)$/i.test(process.env.HF_HUB_DISABLE_SYMLINKS ?? '')) {
    try {
      await symlink(relative(dirname(file), blob), file);
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return; // another program was faster
      if (!NO_LINKS.includes(code)) throw error;
    }
  }
  if (fresh) {
    await rename(blob, file);
  } else {
    const temporary = besides(blob);
    await copyFile(blob, temporary);
    await rename(temporary, file);
  }
}

/** Notes which commit a branch or tag means now. */
export async function writeRef({ id, revision }: Repository, commit: string): Promise<void> {
  if (revision === commit) return;
  const path = join(repositoryDirectory(id), 'refs', ...revision.split('/'));
  await mkdir(dirname(path), { recursive: true });
  const temporary = besides(path);
  await writeFile(temporary, commit);
  await rename(temporary, path);
}

/** A new name in the same directory. */
function besides(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.tmp`;
}
