// Pulling models from a hub on loopback into the cache that Python's tools share.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError, InterruptedError, NetworkError } from '../../src/errors.js';
import { HubClient } from '../../src/hub/client.js';
import { download } from '../../src/hub/download.js';
import { findModel } from '../../src/session/find-model.js';
import { listModels, pullModel } from '../../src/session/models.js';
import { goldenDirectory } from '../support/golden.js';
import { digest, HubServer, hubEnvironment } from '../support/hub-server.js';
import { temporaryDirectory } from '../support/temporary.js';

const ID = 'golden/bert';
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'] as const;
const WEIGHTS = 'model.safetensors';

let server: HubServer;
let home: string;
let bert: Record<string, Buffer>;

beforeEach(async () => {
  server = await HubServer.start();
  home = temporaryDirectory();
  bert = Object.fromEntries(FILES.map((name) => [name, readFileSync(join(goldenDirectory('bert'), name))]));
  server.models.set(ID, {
    files: { ...bert, 'README.md': '# bert', 'pytorch_model.bin': Buffer.alloc(20_000) },
  });
  for (const [name, value] of Object.entries(hubEnvironment(server, home))) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const repository = (id = ID) => join(home, 'hub', `models--${id.replace('/', '--')}`);
const blob = (bytes: Buffer) => join(repository(), 'blobs', digest(bytes).etag);

/** Names of a directory; none when it is not there. */
function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** Nothing of the model can be seen by those who look for it. */
function expectInvisible(): void {
  expect([names(join(repository(), 'snapshots')), names(join(repository(), 'refs'))]).toEqual([[], []]);
  expect(() => findModel(ID)).toThrow(`run: kn-edit model pull ${ID}`);
}

describe('a pull', () => {
  it('brings the files that are needed, in the layout of the cache, and a second one brings nothing', async () => {
    const progress: number[] = [];
    const pulled = await pullModel(ID, { onProgress: ({ done, total }) => progress.push(done / total) });
    const commit = server.commitOf(ID);
    const snapshot = join(repository(), 'snapshots', commit);
    expect(pulled).toMatchObject({ id: ID, commit, directory: snapshot });
    expect(pulled.files.every(({ downloaded }) => downloaded)).toBe(true);
    expect(names(snapshot)).toEqual([...FILES].sort());
    for (const name of FILES) {
      const { etag } = digest(bert[name] as Buffer);
      expect(readlinkSync(join(snapshot, name))).toBe(join('..', '..', 'blobs', etag));
      expect(readFileSync(join(snapshot, name)).equals(bert[name] as Buffer)).toBe(true);
    }
    expect(names(join(repository(), 'blobs'))).toHaveLength(FILES.length);
    expect(readFileSync(join(repository(), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(progress.at(-1)).toBe(1);
    expect(findModel(ID)).toEqual({ name: ID, directory: snapshot });

    const before = server.fetched.length;
    const again = await pullModel(ID);
    expect(again.files.some(({ downloaded }) => downloaded)).toBe(false);
    expect(server.fetched).toHaveLength(before);
  });

  it('takes up where a broken connection left off', async () => {
    server.drops.push({ path: WEIGHTS, after: 50_000 }, { path: WEIGHTS, after: 60_000 });
    const pulled = await pullModel(ID);
    expect(readFileSync(join(pulled.directory, WEIGHTS)).equals(bert[WEIGHTS] as Buffer)).toBe(true);
    const ranges = server.seen.filter(({ at, path }) => at === 'storage' && path.endsWith(WEIGHTS));
    expect(ranges.map(({ range }) => range)).toEqual([undefined, 'bytes=50000-', 'bytes=110000-']);
  });

  it('takes only what breaks while bytes are read for a broken connection', async () => {
    const onProgress = ({ file, done }: { file?: string | undefined; done: number }) => {
      if (file === WEIGHTS && done > 0) throw new TypeError('a defect of the caller');
    };
    await expect(pullModel(ID, { onProgress })).rejects.toThrow('a defect of the caller');
    expect(server.seen.filter(({ at, path }) => at === 'storage' && path.endsWith(WEIGHTS))).toHaveLength(1);
  });

  it('starts over where the server does not know ranges', async () => {
    server.ranges = 'ignored';
    server.drops.push({ path: WEIGHTS, after: 50_000 });
    const pulled = await pullModel(ID);
    expect(readFileSync(join(pulled.directory, WEIGHTS)).equals(bert[WEIGHTS] as Buffer)).toBe(true);
  });

  it('refuses other bytes than it asked for', async () => {
    server.ranges = 'shifted';
    server.drops.push({ path: WEIGHTS, after: 50_000 });
    await expect(pullModel(ID)).rejects.toThrow(
      'sends bytes from 50001 where those from 50000 were asked for',
    );
    expectInvisible();
  });

  it('and another one at the same time do each other no harm', async () => {
    server.drops.push({ path: WEIGHTS, after: 30_000 }, { path: WEIGHTS, after: 90_000 });
    const [one, two] = await Promise.all([pullModel(ID), pullModel(ID)]);
    expect(one.directory).toBe(two.directory);
    for (const name of FILES) {
      expect(readFileSync(join(one.directory, name)).equals(bert[name] as Buffer)).toBe(true);
    }
    expect(names(join(repository(), 'blobs')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that is interrupted shows nothing, and the next one continues', async () => {
    const abort = new AbortController();
    server.stall = { path: WEIGHTS, after: 70_000 };
    const stopped = pullModel(ID, {
      signal: abort.signal,
      onProgress: ({ done, file }) => {
        if (file === WEIGHTS && done >= 70_000) abort.abort();
      },
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    expectInvisible();
    const weights = bert[WEIGHTS] as Buffer;
    expect(statSync(`${blob(weights)}.part`).size).toBe(70_000);

    server.stall = undefined;
    const pulled = await pullModel(ID);
    expect(server.seen.at(-1)?.range).toBe('bytes=70000-');
    expect(readFileSync(join(pulled.directory, WEIGHTS)).equals(weights)).toBe(true);
    expect(names(join(repository(), 'blobs')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each([WEIGHTS, 'tokenizer_config.json'])(
    'refuses %s when its checksum is wrong, and keeps nothing of it',
    async (name) => {
      const file = bert[name] as Buffer;
      const wrong = Buffer.from(file);
      wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
      server.models.set(ID, { files: bert, corrupt: { [name]: wrong } });
      const refused = pullModel(ID);
      await expect(refused).rejects.toThrow(NetworkError);
      await expect(refused).rejects.toThrow(`${name}: what arrived does not have the checksum`);
      expectInvisible();
      expect([existsSync(blob(file)), existsSync(`${blob(file)}.part`)]).toEqual([false, false]);
    },
  );

  it('replaces a partial file that is damaged', async () => {
    const weights = bert[WEIGHTS] as Buffer;
    mkdirSync(dirname(blob(weights)), { recursive: true });
    writeFileSync(`${blob(weights)}.part`, Buffer.alloc(40_000, 7));
    const pulled = await pullModel(ID);
    expect(readFileSync(join(pulled.directory, WEIGHTS)).equals(weights)).toBe(true);
  });

  it('refuses more bytes than the hub lists', async () => {
    const weights = bert[WEIGHTS] as Buffer;
    server.models.set(ID, {
      files: bert,
      corrupt: { [WEIGHTS]: Buffer.concat([weights, Buffer.alloc(1000)]) },
    });
    await expect(pullModel(ID)).rejects.toThrow(`${WEIGHTS}: more bytes come than`);
    expectInvisible();
  });

  it('gives up on a connection that breaks again and again without a byte, not on one that makes progress', async () => {
    const weights = bert[WEIGHTS] as Buffer;
    const client = new HubClient({ id: ID, revision: 'main' });
    const task = {
      file: { path: WEIGHTS, size: weights.length, etag: digest(weights).etag },
      blob: blob(weights),
      request: (offset: number, signal: AbortSignal) =>
        client.open(server.commitOf(ID), WEIGHTS, offset, signal),
      onBytes: () => undefined,
      pauseMs: 1,
    };
    const drops = (count: number, after: number) =>
      server.drops.push(...Array.from({ length: count }, () => ({ path: WEIGHTS, after })));
    drops(6, 0);
    await expect(download(task)).rejects.toThrow(`${WEIGHTS}: the connection breaks again and again`);
    expect(server.drops).toEqual([]);
    drops(12, 1000);
    await download(task);
    expect(readFileSync(task.blob).equals(weights)).toBe(true);
  });

  it('puts the files themselves into the snapshot where there are no links', async () => {
    vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', '1');
    const { directory } = await pullModel(ID);
    expect(statSync(join(directory, WEIGHTS)).isFile()).toBe(true);
    expect(names(join(repository(), 'blobs'))).toEqual([]);
    const before = server.fetched.length;
    await pullModel(ID);
    expect(server.fetched).toHaveLength(before);
  });

  it('takes the shards that the index names', async () => {
    const shards = {
      'model-00001-of-00002.safetensors': Buffer.alloc(300, 1),
      'model-00002-of-00002.safetensors': Buffer.alloc(200, 2),
    };
    const index = {
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    };
    const { [WEIGHTS]: _, ...rest } = bert;
    const files = { ...rest, ...shards, 'model.safetensors.index.json': JSON.stringify(index) };
    server.models.set(ID, { files });
    const { directory } = await pullModel(ID);
    expect(names(directory)).toEqual(Object.keys(files).sort());
  });

  it('of a newer revision downloads what changed, and leaves the older one in place', async () => {
    const first = await pullModel(ID);
    server.models.set(ID, {
      files: { ...bert, 'tokenizer_config.json': '{"mask_token":"[MASK]"}' },
      version: 1,
    });
    const before = server.fetched.length;
    const second = await pullModel(ID);
    expect(server.fetched.slice(before)).toEqual(['tokenizer_config.json']);
    expect(findModel(ID).directory).toBe(second.directory);
    expect(findModel(`${ID}@${first.commit}`).directory).toBe(first.directory);
    expect(listModels().map(({ name }) => name)).toEqual(['kn-mini', ID, `${ID}@${first.commit}`]);
  });
});

describe('a model that cannot be had', () => {
  it.each([
    [
      'has nothing but pickles',
      { files: { 'config.json': '{}', 'tokenizer.json': '{}', 'pytorch_model.bin': 'x' } },
      [
        'only as pytorch_model.bin',
        'python -c "from transformers import AutoModelForMaskedLM',
        'safe_serialization=True',
        '--model ./bert',
      ],
    ],
    [
      'has pickles of a causal model',
      {
        files: { 'config.json': '{}', 'tokenizer.json': '{}', 'pytorch_model-00001-of-00002.bin': 'x' },
        task: 'text-generation',
      },
      ['AutoModelForCausalLM'],
    ],
    [
      'has no tokenizer.json',
      { files: { 'config.json': '{}', 'vocab.txt': 'a', [WEIGHTS]: 'x' } },
      ['no tokenizer.json', 'AutoTokenizer'],
    ],
    ['is no transformers model', { files: { 'README.md': '' } }, ['no config.json']],
    ['is gated', { files: {}, gated: true, token: 'hf_owner' }, ['its owners decide', 'HF_TOKEN']],
    [
      'has an index that leads elsewhere',
      {
        files: {
          'config.json': readFileSync(join(goldenDirectory('bert'), 'config.json')),
          'tokenizer.json': '{}',
          'model.safetensors.index.json': '{"weight_map":{"a":"../../../../.bashrc.safetensors"}}',
        },
      },
      ['golden/bert: model.safetensors.index.json: weight_map: names "../', 'of the same directory'],
    ],
    [
      'has an index of shards that are not there',
      {
        files: {
          'config.json': readFileSync(join(goldenDirectory('bert'), 'config.json')),
          'tokenizer.json': '{}',
          'model.safetensors.index.json': '{"weight_map":{"a":"model-1.safetensors"}}',
        },
      },
      ['names "model-1.safetensors", which the repository does not have'],
    ],
  ])('because it %s', async (_, model, says) => {
    server.models.set(ID, model);
    const refused = pullModel(ID);
    await expect(refused).rejects.toThrow(InputError);
    for (const part of says) await expect(refused).rejects.toThrow(part);
    expectInvisible();
  });

  it('because it has nothing but pickles, of a family whose head transformers would draw at random', async () => {
    const files = { 'config.json': '{}', 'tokenizer.json': '{}', 'pytorch_model.bin': 'x' };
    server.models.set('golden/deberta-v3', { files });
    await expect(pullModel('golden/deberta-v3')).rejects.toThrow(
      "AutoModelForMaskedLM.from_pretrained('golden/deberta-v3', legacy=False).save_pretrained('deberta-v3'",
    );
  });

  it('because its architecture is not supported: before its weights are fetched', async () => {
    server.models.set(ID, { files: { ...bert, 'config.json': '{"model_type":"xlnet"}' } });
    await expect(pullModel(ID)).rejects.toThrow(`${ID}: config.json: model_type "xlnet" is not supported`);
    expect(server.fetched).not.toContain(WEIGHTS);
  });

  it('because it does not exist, or has no such revision', async () => {
    await expect(pullModel('golden/none')).rejects.toThrow(
      /golden\/none: there is no such model .*HF_TOKEN if it is private/,
    );
    await expect(pullModel(`${ID}@v9`)).rejects.toThrow(`${ID}@v9: the model has no such revision`);
  });

  it.each(['../../etc', 'a/b/c', 'a--b', '-a/b', 'a/b@../x', 'a/b@', 'https://example.org/a/b', ''])(
    'because "%s" is no name',
    async (name) => {
      await expect(pullModel(name)).rejects.toThrow('is not the name of a model');
      expect(server.seen).toEqual([]);
    },
  );

  it('because the hub cannot be reached', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    await expect(pullModel(ID)).rejects.toThrow(
      /^http:\/\/127.0.0.1:9: cannot be reached \(.+\); check the network, or HF_ENDPOINT$/,
    );
    vi.stubEnv('HF_ENDPOINT', 'hub.example');
    await expect(pullModel(ID)).rejects.toThrow('HF_ENDPOINT: "hub.example" is not the address of a hub');
  });

  it.each([
    ['a size below zero', { type: 'file', path: 'x', size: -1, oid: 'a'.repeat(40) }, 'size'],
    [
      'an etag that leads elsewhere',
      { type: 'file', path: 'config.json', size: 1, oid: '../../../x' },
      'oid',
    ],
  ])('because the listing has %s', async (_, entry, field) => {
    server.models.set(ID, { files: bert, listing: [entry] });
    await expect(pullModel(ID)).rejects.toThrow(new RegExp(`${field}: .*is it a hub\\?$`));
    expectInvisible();
  });
});

describe('a server that is no hub', () => {
  it.each([
    ['a page of HTML', { nonsense: '<html>Log in to the network</html>' }, 'does not answer as a hub does'],
    ['nothing', { nonsense: '' }, 'does not answer as a hub does'],
    ['null', { nonsense: 'null' }, 'does not answer as a hub does'],
    ['an object without a commit', { nonsense: '{"_id":"0"}' }, 'sha: is missing; is it a hub?'],
    ['a long answer', { nonsense: `"${'x'.repeat(17_000_000)}"` }, 'answers with more than'],
    ['lists that do not end', { endless: true }, 'its lists do not end'],
  ])('answers with %s', async (_, wrong, says) => {
    server.models.set(ID, { files: bert, ...wrong });
    const refused = pullModel(ID);
    await expect(refused).rejects.toThrow(NetworkError);
    await expect(refused).rejects.toThrow(says);
    expectInvisible();
  });
});

describe('HF_TOKEN', () => {
  beforeEach(() => {
    server.models.set(ID, { files: bert, token: 'hf_secret' });
  });

  it('opens a private model, and goes to the hub alone', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    await pullModel(ID);
    const tokens = (at: string) =>
      new Set(server.seen.filter((one) => one.at === at).map((one) => one.authorization));
    expect(tokens('hub')).toEqual(new Set(['Bearer hf_secret']));
    expect(tokens('storage')).toEqual(new Set([undefined]));
  });

  it('that is missing or wrong is named', async () => {
    await expect(pullModel(ID)).rejects.toThrow('or set HF_TOKEN if it is private');
    vi.stubEnv('HF_TOKEN', 'hf_other');
    await expect(pullModel(ID)).rejects.toThrow(`${ID}: there is no such model`);
  });
});

describe('the cache', () => {
  /** A snapshot as Python's snapshot_download leaves it. */
  function python(files: Record<string, Buffer>, revision: string, commit = server.commitOf(ID)): string {
    const snapshot = join(repository(), 'snapshots', commit);
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(dirname(blob(bytes)), { recursive: true });
      mkdirSync(snapshot, { recursive: true });
      writeFileSync(blob(bytes), bytes);
      symlinkSync(join('..', '..', 'blobs', digest(bytes).etag), join(snapshot, name));
    }
    const ref = join(repository(), 'refs', revision);
    mkdirSync(dirname(ref), { recursive: true });
    writeFileSync(ref, commit);
    return snapshot;
  }

  it('of Python is found, and a pull downloads nothing', async () => {
    const directory = python(bert, 'main');
    expect(findModel(ID)).toEqual({ name: ID, directory });
    await pullModel(ID);
    expect(server.fetched).toEqual([]);
  });

  it('of Python with pickles alone gets the weights and nothing else', async () => {
    const { [WEIGHTS]: weights, ...rest } = bert;
    python({ ...rest, 'pytorch_model.bin': Buffer.from('pickle') }, 'main');
    expect(() => findModel(ID)).toThrow(
      `${ID}: is in the cache without its ${WEIGHTS}; run: kn-edit model pull ${ID}`,
    );
    const { directory } = await pullModel(ID);
    expect(new Set(server.fetched)).toEqual(new Set([WEIGHTS]));
    expect(readFileSync(join(directory, WEIGHTS)).equals(weights as Buffer)).toBe(true);
  });

  it('is listed: what can be loaded, and why the rest cannot', () => {
    python(bert, join('refs', 'pr', '1'));
    const other = join(home, 'hub', 'models--big--llama', 'snapshots', 'b'.repeat(40));
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'config.json'), '{"model_type":"mamba"}');
    mkdirSync(join(home, 'hub', 'datasets--some--data', 'snapshots'), { recursive: true });
    mkdirSync(join(home, 'hub', 'models--no--such--name', 'snapshots', 'd'.repeat(40)), { recursive: true });
    symlinkSync('nowhere', join(repository(), 'refs', 'stale'));
    const { 'tokenizer.json': _, ...incomplete } = bert;
    python(incomplete, 'older', 'c'.repeat(40));
    const [embedded, llama, older, pr] = listModels();
    expect(embedded).toMatchObject({
      name: 'kn-mini',
      source: 'embedded',
      checkpoint: { layers: 4, neurons: 512 },
    });
    expect(llama).toMatchObject({
      name: 'big/llama',
      problem: expect.stringMatching(/^config\.json: model_type "mamba" is not supported; supported: bert,/),
    });
    expect(pr).toMatchObject({ name: `${ID}@refs/pr/1`, source: 'cache', checkpoint: { family: 'bert' } });
    expect(findModel(pr?.name).directory).toBe(pr?.directory);
    expect(older).toMatchObject({
      name: `${ID}@older`,
      problem: 'has no tokenizer.json; a model directory needs one',
    });
    expect(listModels()).toHaveLength(4);
  });

  it('is where HF_HUB_CACHE says', async () => {
    const elsewhere = temporaryDirectory();
    vi.stubEnv('HF_HUB_CACHE', elsewhere);
    const { directory } = await pullModel(ID);
    expect(directory.startsWith(elsewhere)).toBe(true);
  });

  it('that is empty, or not there, lists the embedded model', () => {
    expect(listModels().map(({ name }) => name)).toEqual(['kn-mini']);
  });
});
