// A cache that several programs use at once, and that others can write to: what it shows has its checksum.
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../src/errors.js';
import { findModel } from '../../src/session/find-model.js';
import { listModels, pullModel } from '../../src/session/models.js';
import { MAIN } from '../support/cli.js';
import { goldenDirectory } from '../support/golden.js';
import { digest, HubServer, hubEnvironment } from '../support/hub-server.js';
import { temporaryDirectory } from '../support/temporary.js';

const ID = 'golden/bert';
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'] as const;
const WEIGHTS = 'model.safetensors';

let server: HubServer;
let home: string;
let bert: Record<(typeof FILES)[number], Buffer>;

beforeEach(async () => {
  server = await HubServer.start();
  home = temporaryDirectory();
  const read = (name: string) => readFileSync(join(goldenDirectory('bert'), name));
  bert = {
    'config.json': read('config.json'),
    'tokenizer.json': read('tokenizer.json'),
    'tokenizer_config.json': read('tokenizer_config.json'),
    [WEIGHTS]: read(WEIGHTS),
  };
  server.models.set(ID, { files: bert });
  for (const [name, value] of Object.entries(hubEnvironment(server, home))) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const repository = () => join(home, 'hub', 'models--golden--bert');
const blobs = () => join(repository(), 'blobs');
const snapshot = () => join(repository(), 'snapshots', server.commitOf(ID));
const blob = (name: (typeof FILES)[number] = WEIGHTS) => join(blobs(), digest(bert[name]).etag);
const parts = () => readdirSync(blobs()).filter((name) => name.endsWith('.part'));

/** Right in size, wrong in the middle. */
function damaged(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0x41, bytes.length >> 1, (bytes.length >> 1) + 100);
}

function expectWhole(): void {
  for (const name of FILES) expect(readFileSync(join(snapshot(), name)).equals(bert[name])).toBe(true);
}

/** `kn-edit model pull` in a process of its own. @returns its exit code and what it said */
function pullElsewhere(): Promise<{ code: number | null; stderr: string }> {
  const env = { ...process.env, ...hubEnvironment(server, home) };
  const child = spawn(process.execPath, [MAIN, 'model', 'pull', ID], { env });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, stderr })));
}

describe('two pulls at once', () => {
  it('of which one gets damaged bytes: it fails, and what the other one has verified stays', async () => {
    let second = () => {};
    const asked = new Promise<void>((resolve) => {
      second = resolve;
    });
    const first: { done: Promise<unknown> } = { done: Promise.resolve() };
    const wrong = (response: ServerResponse, part: Buffer) => {
      second();
      response.write(part.subarray(0, 10_000));
      // The rest when the other pull is over: the bytes go where nobody else looks.
      void first.done.then(() => response.end(damaged(part).subarray(10_000)));
    };
    server.scripts.push(
      {
        path: WEIGHTS,
        send: async (response, part) => {
          response.write(part.subarray(0, 50_000));
          await asked;
          response.end(part.subarray(50_000));
        },
      },
      { path: WEIGHTS, send: wrong },
      { path: WEIGHTS, send: wrong }, // what was taken up from the other one is not trusted: all of it again
    );
    first.done = pullElsewhere();
    while (server.fetched.filter((name) => name === WEIGHTS).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const other = pullElsewhere();
    expect(await first.done).toEqual({ code: 0, stderr: '' });
    expectWhole();
    const failed = await other;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`${WEIGHTS}: what arrived does not have the checksum`);
    expectWhole();
    expect(parts()).toEqual([]);
    const before = server.fetched.length;
    await pullModel(ID);
    expect(server.fetched).toHaveLength(before);
  });

  it.each([1, 2, 3])('that break off here and there end with the same sound files (%i)', async (seed) => {
    for (let i = 0; i < 6; i++) server.drops.push({ path: WEIGHTS, after: 7000 * seed * (i + 1) });
    await Promise.all([pullModel(ID), pullModel(ID), pullModel(ID)]);
    expectWhole();
    expect(parts()).toEqual([]);
  });
});

describe('what a sudden end has left', () => {
  const orphan = () => `${blob()}.0badcafe.part`;
  const ranges = () => server.seen.filter(({ at }) => at === 'storage').map(({ range }) => range);

  beforeEach(() => mkdirSync(blobs(), { recursive: true }));

  it('is taken up, and removed when nobody has written to it for long', async () => {
    writeFileSync(orphan(), bert[WEIGHTS].subarray(0, 80_000));
    utimesSync(orphan(), 1, 1);
    await pullModel(ID);
    expect(ranges()).toEqual(['bytes=80000-']);
    expectWhole();
    expect(parts()).toEqual([]);
  });

  it('is taken up and left alone while somebody may write to it', async () => {
    writeFileSync(orphan(), bert[WEIGHTS].subarray(0, 80_000));
    await pullModel(ID);
    expect(ranges()).toEqual(['bytes=80000-']);
    expect(readFileSync(orphan()).length).toBe(80_000);
  });

  it('is fetched again when it is damaged', async () => {
    writeFileSync(orphan(), damaged(bert[WEIGHTS]).subarray(0, 150_000));
    await pullModel(ID);
    expect(ranges()).toEqual(['bytes=150000-', undefined]);
    expectWhole();
  });
});

describe('in a cache that others can write to', () => {
  it.each(['.part', '.0badcafe.part', '.incomplete'])(
    'a link in place of BLOB%s is not followed',
    async (end) => {
      const victim = join(home, 'victim');
      writeFileSync(victim, 'precious');
      mkdirSync(blobs(), { recursive: true });
      symlinkSync(victim, blob() + end);
      await pullModel(ID);
      expect(readFileSync(victim, 'utf8')).toBe('precious');
      expectWhole();
    },
  );

  it('a link in place of a blob is replaced, not followed', async () => {
    const victim = join(home, 'victim');
    writeFileSync(victim, bert[WEIGHTS]); // right for now, and not ours
    mkdirSync(blobs(), { recursive: true });
    symlinkSync(victim, blob());
    await pullModel(ID);
    expect(lstatSync(blob()).isFile()).toBe(true);
    expectWhole();
  });

  it('a link in place of a snapshot is refused, and nothing is written through it', async () => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'config.json'), 'precious');
    mkdirSync(join(repository(), 'snapshots'), { recursive: true });
    symlinkSync(elsewhere, snapshot());
    await expect(pullModel(ID)).rejects.toThrow(`${snapshot()}: is a link; remove it`);
    expect(readFileSync(join(elsewhere, 'config.json'), 'utf8')).toBe('precious');
  });

  it.each(FILES)('a blob of the right size with wrong bytes is fetched again: %s', async (name) => {
    mkdirSync(blobs(), { recursive: true });
    writeFileSync(blob(name), damaged(bert[name]));
    const { files } = await pullModel(ID);
    expect(files.filter(({ downloaded }) => downloaded)).toHaveLength(FILES.length);
    expectWhole();
  });

  it('what is shown already is verified again by each pull, once', async () => {
    await pullModel(ID);
    writeFileSync(blob(), damaged(bert[WEIGHTS]));
    rmSync(join(snapshot(), 'config.json'));
    writeFileSync(join(snapshot(), 'config.json'), damaged(bert['config.json'])); // a file in place of the link
    const before = server.fetched.length;
    const { files } = await pullModel(ID);
    expect(new Set(server.fetched.slice(before))).toEqual(new Set([WEIGHTS]));
    expect(files.filter(({ downloaded }) => downloaded).map(({ path }) => path)).toEqual([WEIGHTS]);
    expect(lstatSync(join(snapshot(), 'config.json')).isSymbolicLink()).toBe(true);
    expectWhole();
  });
});

describe('links that lead nowhere', () => {
  it('count as missing, and a pull brings what they have lost', async () => {
    await pullModel(ID);
    rmSync(blob());
    expect(() => findModel(ID)).toThrow(
      `${ID}: is in the cache without its ${WEIGHTS}; run: kn-edit model pull ${ID}`,
    );
    const [, listed] = listModels();
    expect(listed).toMatchObject({ name: ID, problem: expect.stringContaining(WEIGHTS) });
    await pullModel(ID);
    expect(readlinkSync(join(snapshot(), WEIGHTS))).toBe(
      join('..', '..', 'blobs', digest(bert[WEIGHTS]).etag),
    );
    expectWhole();
  });
});

describe('a snapshot without a ref', () => {
  const other = 'c'.repeat(40);

  it('is found by its commit, and, being the only one, by the name alone', async () => {
    const commit = server.commitOf(ID);
    await pullModel(`${ID}@${commit}`);
    expect(existsSync(join(repository(), 'refs'))).toBe(false);
    expect(findModel(`${ID}@${commit}`)).toEqual({ name: ID, directory: snapshot() });
    expect(findModel(ID)).toEqual({ name: ID, directory: snapshot() });
    expect(() => findModel(`${ID}@v1`)).toThrow(`${ID}@v1: is in the cache as ${ID}; name one of these`);
    expect(listModels().map(({ name }) => name)).toEqual(['kn-mini', ID]);
  });

  it('among several is found by its commit, and the error says so', async () => {
    const commit = server.commitOf(ID);
    await pullModel(`${ID}@${commit}`);
    mkdirSync(join(repository(), 'snapshots', other));
    expect(findModel(`${ID}@${commit}`).directory).toBe(snapshot());
    expect(() => findModel(ID)).toThrow(
      `${ID}: is in the cache as ${ID}@${commit}, ${ID}@${other}; name one of these, or run: kn-edit model pull ${ID}`,
    );
  });
});

describe('a hub that is busy', () => {
  const busy = (path: string, status: number, after?: string) =>
    server.refusals.push({ path, status, headers: after === undefined ? {} : { 'retry-after': after } });

  it.each(['revision', 'tree', 'resolve'])('is waited for as long as it asks: %s', async (path) => {
    busy(path, 429, '1');
    busy(path, 503, new Date(Date.now() + 1000).toUTCString());
    await pullModel(ID);
    expect(server.refusals).toEqual([]);
    expectWhole();
  });

  it.each(['revision', 'resolve'])('is not waited for without end: %s', async (path) => {
    busy(path, 429, '600');
    const refused = pullModel(ID);
    await expect(refused).rejects.toThrow(NetworkError);
    await expect(refused).rejects.toThrow(
      'answers with status 429 (too many requests), and asks to wait 10 minutes; try again then',
    );
  });

  it('is called what it is when it does not say for how long', async () => {
    busy('revision', 429);
    await expect(pullModel(ID)).rejects.toThrow(
      'the hub answers with status 429 (too many requests); try again',
    );
  });
});

describe('a redirect', () => {
  const location = (path: string, to: string) =>
    server.refusals.push({ path, status: 302, headers: { location: to } });

  it.each([
    ['revision', 'file:///etc/passwd', 'to a place of the kind "file:"'],
    ['resolve', 'file:///etc/passwd', 'to a place of the kind "file:"'],
    ['resolve', 'data:text/plain,hello', 'to a place of the kind "data:"'],
    ['tree', 'http://', 'nowhere'],
  ])('of %s to %s is refused', async (path, to, where) => {
    location(path, to);
    const refused = pullModel(ID);
    await expect(refused).rejects.toThrow(NetworkError);
    await expect(refused).rejects.toThrow(`${server.url}: leads ${where}, which is no web server; refused`);
  });

  it('that goes round in a circle ends', async () => {
    for (let i = 0; i < 20; i++) location('revision', `/api/models/${ID}/revision/main`);
    await expect(pullModel(ID)).rejects.toThrow('redirects without end');
  });

  it('within the hub is followed, with the token', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    location('revision', `/api/models/${ID}/revision/main`);
    await pullModel(ID);
    expect(server.seen.slice(0, 2).map((one) => one.authorization)).toEqual(
      Array.from({ length: 2 }, () => 'Bearer hf_secret'),
    );
  });
});
