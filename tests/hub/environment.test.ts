// What the environment says: tokens and where they are, offline, proxies, addresses with passwords, a missing home.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readToken } from '../../src/hub/environment.js';
import { pullModel } from '../../src/session/models.js';
import { runCli } from '../support/cli.js';
import { goldenDirectory } from '../support/golden.js';
import { HubServer, hubEnvironment } from '../support/hub-server.js';
import { startProxy } from '../support/proxy-server.js';
import { temporaryDirectory } from '../support/temporary.js';

const ID = 'golden/bert';
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const SECRET = 'pa55word';

let server: HubServer;
let home: string;

beforeEach(async () => {
  server = await HubServer.start();
  home = temporaryDirectory();
  const files = FILES.map((name) => [name, readFileSync(join(goldenDirectory('bert'), name))]);
  server.models.set(ID, { files: Object.fromEntries(files) });
  for (const [name, value] of Object.entries(hubEnvironment(server, home))) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

/** What the hub itself was sent as authorization. */
const sent = () => new Set(server.seen.filter(({ at }) => at === 'hub').map((one) => one.authorization));

describe('the token', () => {
  it('is that of the file that `hf auth login` writes, unless HF_TOKEN is set', async () => {
    writeFileSync(join(home, 'token'), 'hf_stored\n');
    await pullModel(ID);
    expect(sent()).toEqual(new Set(['Bearer hf_stored']));
    expect(new Set(server.seen.filter(({ at }) => at === 'storage').map((one) => one.authorization))).toEqual(
      new Set([undefined]),
    );
    server.seen.length = 0;
    vi.stubEnv('HF_TOKEN', 'hf_given\n');
    await pullModel(ID);
    expect(sent()).toEqual(new Set(['Bearer hf_given']));
  });

  it('is that of HF_TOKEN_PATH, and named when it is refused', async () => {
    const path = join(temporaryDirectory(), 'elsewhere');
    vi.stubEnv('HF_TOKEN_PATH', path);
    expect(readToken()).toBeUndefined(); // there is no such file
    writeFileSync(path, '  hf_elsewhere \r\n');
    expect(readToken()).toEqual({ value: 'hf_elsewhere', source: path });
    server.refusals.push({ path: 'revision', status: 401 });
    await expect(pullModel(ID)).rejects.toThrow(
      `the hub does not accept the token of ${path}, or has no such`,
    );
  });

  it.each(['two words', 'hf_\u00e4', 'hf_\u001b[31m', 'a\nb'])(
    'that cannot be one is named, not shown: %j',
    async (bad) => {
      vi.stubEnv('HF_TOKEN', bad);
      await expect(pullModel(ID)).rejects.toThrow(/^HF_TOKEN: holds blanks or characters that no token has/);
      await expect(pullModel(ID)).rejects.not.toThrow(bad);
      vi.stubEnv('HF_TOKEN', '');
      writeFileSync(join(home, 'token'), bad);
      await expect(pullModel(ID)).rejects.toThrow(`${join(home, 'token')}: holds blanks`);
      expect(server.seen).toEqual([]);
    },
  );

  it('is read from a regular file of a token size alone', async () => {
    mkdirSync(join(home, 'token'));
    await expect(pullModel(ID)).rejects.toThrow(`${join(home, 'token')}: cannot be read: it is a directory`);
    vi.stubEnv('HF_TOKEN_PATH', '/dev/zero');
    await expect(pullModel(ID)).rejects.toThrow('/dev/zero: cannot be read: it is not a regular file');
  });
});

describe('HF_HUB_OFFLINE', () => {
  it.each(['1', 'true', 'YES', 'On'])('=%s: no request, one line', async (value) => {
    vi.stubEnv('HF_HUB_OFFLINE', value);
    const refused = pullModel(ID);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(
      `HF_HUB_OFFLINE is set, so nothing is downloaded; unset it to pull ${ID}`,
    );
    expect(server.seen).toEqual([]);
  });

  it.each(['0', 'false', ''])('=%s: as if it were not set', async (value) => {
    vi.stubEnv('HF_HUB_OFFLINE', value);
    await pullModel(ID);
  });

  it('on the command line', async () => {
    const env = { ...hubEnvironment(server, home), HF_HUB_OFFLINE: '1' };
    const { code, stdout, stderr } = await runCli(['model', 'pull', ID], { env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`kn-edit: HF_HUB_OFFLINE is set, so nothing is downloaded; unset it to pull ${ID}\n`);
    expect(server.seen).toEqual([]);
  });
});

describe('proxies', () => {
  const host = () => new URL(server.url).host;

  it('are gone through, with their password, and NO_PROXY leaves them out', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('://', `://user:${SECRET}@`));
    await pullModel(ID);
    expect(new Set(proxy.seen.map(({ target }) => target))).toContain(host());
    expect(new Set(proxy.seen.map(({ target }) => target)).size).toBe(2); // the hub, and its storage
    const basic = `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`;
    expect(new Set(proxy.seen.map(({ authorization }) => authorization))).toEqual(new Set([basic]));

    proxy.seen.length = 0;
    vi.stubEnv('NO_PROXY', 'example.org, 127.0.0.1');
    await pullModel(ID);
    expect(proxy.seen).toEqual([]);
  });

  it('of https are asked for a tunnel; what they refuse is said', async () => {
    const proxy = await startProxy();
    vi.stubEnv('https_proxy', proxy.url.replace('http://', '')); // as curl takes it
    vi.stubEnv('HF_ENDPOINT', 'https://hub.invalid');
    await expect(pullModel(ID)).rejects.toThrow(
      /^https:\/\/hub.invalid: cannot be reached \(.*502.*\); check the network, the proxies \(HTTP_PROXY, HTTPS_PROXY\), or HF_ENDPOINT$/,
    );
    expect(proxy.seen.map(({ target }) => target)).toEqual(['hub.invalid:443']);
  });

  it.each(['ftp://proxy', 'http://', `http://user:${SECRET}@host:port`])(
    'that cannot be one are named, not shown: %s',
    async (address) => {
      vi.stubEnv('HTTP_PROXY', address);
      const refused = pullModel(ID);
      await expect(refused).rejects.toThrow(
        /^HTTP_PROXY: is not the address of a proxy; write http:\/\/host:port$/,
      );
      expect(server.seen).toEqual([]);
    },
  );
});

describe('a password in HF_ENDPOINT', () => {
  const secret = () => server.url.replace('://', `://user:${SECRET}@`);

  it('is sent to the hub, and printed nowhere', async () => {
    const env = { ...hubEnvironment(server, home), HF_ENDPOINT: secret() };
    const runs = [
      await runCli(['model', 'pull', ID, '--json'], { env }),
      await runCli(['model', 'pull', 'golden/none'], { env }),
      await runCli(['model', 'pull', 'golden/none', '--json', '--verbose'], { env }),
      await runCli(['model', 'pull', ID], {
        env: { ...env, HF_ENDPOINT: `http://user:${SECRET}@127.0.0.1:9` },
      }),
      await runCli(['model', 'pull', ID], { env: { ...env, HF_ENDPOINT: `user:${SECRET}@hub` } }),
      await runCli(['model', 'pull', ID], {
        env: { ...env, HF_ENDPOINT: `https://user:${SECRET}@hub:port` },
      }),
    ];
    expect(runs.map(({ code }) => code)).toEqual([0, 2, 2, 1, 2, 2]);
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(SECRET);
    expect(runs[1]?.stderr).toContain(`there is no such model at ${server.url}`);
    expect(runs[5]?.stderr).toMatch(/^kn-edit: HF_ENDPOINT: is not the address of a hub; unset it/);
    expect(sent()).toEqual(new Set([`Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`]));
  });
});

it('without a home, the cache is where HF_HUB_CACHE says, else the error says what to set', async () => {
  vi.resetModules();
  vi.doMock('node:os', () => ({
    homedir: () => {
      throw new Error('uv_os_homedir'); // what Node does for a user whom the system does not know
    },
  }));
  const { cacheDirectory, readToken: read } = await import('../../src/hub/environment.js');
  vi.doUnmock('node:os');
  vi.resetModules();
  expect(cacheDirectory({ HF_HUB_CACHE: '/some/cache' })).toBe('/some/cache');
  expect(cacheDirectory({ HF_HOME: '/some' })).toBe('/some/hub');
  expect(read({ HF_HUB_CACHE: '/some/cache' })).toBeUndefined();
  expect(() => cacheDirectory({})).toThrow(/^HOME is not set, so .*; set HF_HOME to a directory$/);
});
