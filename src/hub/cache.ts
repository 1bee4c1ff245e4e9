// The hub's cache on this machine, in the layout of Python's huggingface_hub, so that a model that any tool has
// downloaded is found by all of them:
//   models--org--name/blobs/<etag>              what was downloaded, by its checksum
//   models--org--name/snapshots/<commit>/<file> relative symlinks into blobs
//   models--org--name/refs/<branch or tag>      the commit that it meant when it was last downloaded
// The package's own `scanCacheDir` gives a repository up whole for one broken link or stale ref; this does not.
import { randomUUID } from 'node:crypto';
import { constants, type Dirent, readdirSync } from 'node:fs';
import { copyFile, lstat, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { isPresent, makeDirectories, readRegular } from '../files.js';
import { avoidsLinks, cacheDirectory } from './environment.js';
import { COMMIT, DEFAULT_REVISION, parseRepository, type Repository, repositoryName } from './repository.js';

const PREFIX = 'models--';
/** A ref holds a commit: 40 digits. */
const MAX_REF_BYTES = 1000;

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

/**
 * The snapshot that a revision means in the cache; undefined when it was never downloaded. Where `main` was not noted,
 * as after a download by commit, it is the only snapshot that there is.
 */
export function findSnapshot({ id, revision }: Repository): string | undefined {
  const named = COMMIT.test(revision) ? revision : refsOf(id).get(revision);
  const commit = named ?? (revision === DEFAULT_REVISION ? onlySnapshot(id) : undefined);
  return commit !== undefined && snapshotsOf(id).includes(commit) ? snapshotDirectory(id, commit) : undefined;
}

/** Commits whose snapshots are in the cache. */
function snapshotsOf(id: string): string[] {
  return list(join(repositoryDirectory(id), 'snapshots'))
    .filter((entry) => entry.isDirectory() && COMMIT.test(entry.name))
    .map(({ name }) => name);
}

function onlySnapshot(id: string): string | undefined {
  const [commit, ...others] = snapshotsOf(id);
  return others.length === 0 ? commit : undefined;
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
    .flatMap(({ name }) => readable(name.slice(PREFIX.length).replaceAll('--', '/')))
    .filter(({ name }) => parseRepository(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The snapshots of one model; of one that belongs to somebody else alone, none. */
function readable(id: string): CachedSnapshot[] {
  try {
    return snapshotsNamed(id);
  } catch {
    return [];
  }
}

/** The snapshots of one model, each with the shortest name that means it. */
export function snapshotsNamed(id: string): CachedSnapshot[] {
  const refs = refsOf(id);
  const main = refs.get(DEFAULT_REVISION) ?? onlySnapshot(id);
  return snapshotsOf(id).map((commit) => {
    const [other = commit] = [...refs].flatMap(([name, meant]) => (meant === commit ? [name] : []));
    const name = repositoryName({ id, revision: commit === main ? DEFAULT_REVISION : other });
    return { name, commit, directory: snapshotDirectory(id, commit) };
  });
}

/** What branches and tags meant when they were last downloaded: commits by name. */
function refsOf(id: string): Map<string, string> {
  return new Map(readRefs(join(repositoryDirectory(id), 'refs')));
}

/** Names may have slashes (`refs/pr/1`), which are directories here. */
function readRefs(directory: string, prefix = ''): [name: string, commit: string][] {
  return list(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return readRefs(path, `${prefix}${entry.name}/`);
    const commit = readRef(path);
    return commit ? [[prefix + entry.name, commit]] : [];
  });
}

function readRef(path: string): string | undefined {
  try {
    const text = readRegular(path, MAX_REF_BYTES).toString('utf8').trim();
    return COMMIT.test(text) ? text : undefined;
  } catch {
    return undefined; // a broken link, or something else than a ref
  }
}

/** What is in a directory; nothing where there is none. @throws InputError when it cannot be read */
function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new InputError(`${directory}: cannot be read: ${systemReason(error)}`);
  }
}

/** Names of the files of a snapshot that are there: a link can outlive its blob. */
export function filesIn(directory: string): string[] {
  return list(directory)
    .map(({ name }) => name)
    .filter((name) => isPresent(join(directory, name)));
}

/** What the system answers where links cannot be made (Windows without developer mode, some shares). */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN'];

/**
 * Makes a blob appear as a file of a snapshot: a relative link, or, where there are none, the file itself.
 * @param fresh the blob was downloaded just now, so nothing else points to it, and it can be moved
 */
export async function showBlob(blob: string, file: string, fresh: boolean): Promise<void> {
  const directory = dirname(file);
  makeDirectories(directory);
  // Whoever else can write to the cache could have put a link there, to have files elsewhere replaced.
  if (!(await lstat(directory)).isDirectory()) throw new InputError(`${directory}: is a link; remove it`);
  await rm(file, { force: true });
  if (!avoidsLinks()) {
    try {
      await symlink(relative(directory, blob), file);
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
    await copyFile(blob, temporary, constants.COPYFILE_EXCL);
    await rename(temporary, file);
  }
}

/** Notes which commit a branch or tag means now. */
export async function writeRef({ id, revision }: Repository, commit: string): Promise<void> {
  if (revision === commit) return;
  const path = join(repositoryDirectory(id), 'refs', ...revision.split('/'));
  makeDirectories(dirname(path));
  const temporary = besides(path);
  await writeFile(temporary, commit, { flag: 'wx' });
  await rename(temporary, path);
}

/** A new name in the same directory. */
function besides(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.tmp`;
}
