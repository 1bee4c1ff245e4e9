// A cache that is not to be had: the program does its work without it.
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bound, type RunOptions, runCli } from '../support/cli.js';
import { PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Node's own recursive mkdir never returns there. */
const UNMAKEABLE = '/proc/nope';
const HANGS_MS = 60_000;

async function probe(options: RunOptions): Promise<string> {
  const run = await runCli(['probe', '--prompt', PROMPT, '--json'], { limit: HANGS_MS, ...options });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout;
}

describe('a cache', () => {
  const somewhere = () => ({ env: { XDG_CACHE_HOME: temporaryDirectory() } });

  test('that cannot be made is done without', async () => {
    const file = writeInput(temporaryDirectory(), 'file', 'a regular file');
    const usual = await probe(somewhere());
    for (const place of [UNMAKEABLE, file]) {
      expect(await probe({ env: { XDG_CACHE_HOME: place } }), place).toBe(usual);
    }
  });

  test.runIf(bound)('that cannot be written is done without', async () => {
    const place = temporaryDirectory();
    mkdirSync(join(place, 'kn-edit'));
    for (const directory of [join(place, 'kn-edit'), place]) chmodSync(directory, 0o555);
    const cwd = temporaryDirectory();
    chmodSync(cwd, 0o755);
    expect(await probe({ env: { XDG_CACHE_HOME: place }, bound: true, cwd })).toBe(await probe(somewhere()));
    expect(readdirSync(join(place, 'kn-edit'))).toEqual([]);
  });

  test('of a user without a home is not made where the program runs', async () => {
    const cwd = temporaryDirectory();
    await probe({ cwd, env: { HOME: '', XDG_CACHE_HOME: undefined } });
    expect(readdirSync(cwd)).toEqual([]);
  });
});
