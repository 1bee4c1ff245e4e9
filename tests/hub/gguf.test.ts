// Pulling one GGUF file of a repository: it becomes a model of its own in the cache, beside what else is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { parseRepository } from '../../src/hub/repository.js';
import { findModel } from '../../src/session/find-model.js';
import { listModels, pullModel } from '../../src/session/models.js';
import { HubServer, hubEnvironment } from '../support/hub-server.js';
import { temporaryDirectory } from '../support/temporary.js';

const GGUF = readFileSync(new URL('../golden/llama-smol.gguf', import.meta.url));
const ID = 'golden/llama-smol-GGUF';
const FILE = 'llama-smol.F32.gguf';
const NAME = `${ID}/${FILE}`;

let server: HubServer;
let snapshot: string;

beforeEach(async () => {
  server = await HubServer.start();
  const home = temporaryDirectory();
  server.models.set(ID, {
    files: { 'README.md': '# tiny', [FILE]: GGUF, 'other.Q2_K.gguf': Buffer.alloc(9) },
  });
  for (const [name, value] of Object.entries(hubEnvironment(server, home))) vi.stubEnv(name, value);
  snapshot = join(home, 'hub', `models--${ID.replace('/', '--')}`, 'snapshots', server.commitOf(ID));
  return () => vi.unstubAllEnvs();
});

it('brings that file alone, and a second pull brings nothing', async () => {
  const pulled = await pullModel(NAME);
  const path = join(snapshot, FILE);
  expect(pulled).toEqual({
    id: ID,
    commit: server.commitOf(ID),
    directory: path,
    files: [{ path: FILE, bytes: GGUF.length, downloaded: true }],
  });
  expect(readFileSync(path).equals(GGUF)).toBe(true);
  expect(existsSync(join(snapshot, 'README.md'))).toBe(false);
  expect((await pullModel(NAME)).files).toEqual([{ path: FILE, bytes: GGUF.length, downloaded: false }]);
});

it('is found by its name, and listed', async () => {
  expect(() => findModel(NAME)).toThrow(`run: kn-edit model pull ${NAME}`);
  await pullModel(NAME);
  expect(findModel(NAME)).toEqual({ name: NAME, directory: join(snapshot, FILE) });
  expect(() => findModel(`${ID}/other.Q2_K.gguf`)).toThrow('is in the cache without its other.Q2_K.gguf');
  const listed = listModels().filter(({ source }) => source === 'cache');
  expect(listed).toMatchObject([
    { name: NAME, directory: join(snapshot, FILE), checkpoint: { family: 'llama', dtype: 'F32' } },
  ]);
});

it('tells which files there are when none is named, or one that there is not', async () => {
  const files = `${FILE} (1 MB), other.Q2_K.gguf (1 MB)`;
  await expect(pullModel(ID)).rejects.toThrow(`${ID}: the repository holds GGUF files; name one, as`);
  await expect(pullModel(ID)).rejects.toThrow(files);
  await expect(pullModel(`${ID}/none.gguf`)).rejects.toThrow(
    `${ID}: has no file "none.gguf"; it has ${files}`,
  );
});

it.each([
  ['a/b/C.gguf', { id: 'a/b', revision: 'main', file: 'C.gguf' }],
  ['a/b@v1/C.Q4_K_M.GGUF', { id: 'a/b', revision: 'v1', file: 'C.Q4_K_M.GGUF' }],
  ['a/b@refs/pr/1/C.gguf', { id: 'a/b', revision: 'refs/pr/1', file: 'C.gguf' }],
  ['a/b.gguf', { id: 'a/b.gguf', revision: 'main' }],
  ['a/b/../C.gguf', undefined],
  ['/a/b/C.gguf', undefined],
  ['a/b/sub/C.gguf', undefined],
])('%s is read as it is meant', (name, expected) => {
  expect(parseRepository(name)).toEqual(expected);
});
