// A run's results are never there under the settings of another one, whatever ends a sweep, and whenever one looks.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectUnchanged, readManifest } from '../../src/sweep/run-directory.js';
import { MAIN, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { QUICK, resultsIn, smallSet, sweepCli } from './runs.js';

/** The setting that the manifest names; nothing where there is no manifest. */
function shareIn(out: string): number | undefined {
  const path = join(out, 'manifest.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).task.settings.share : undefined;
}

it('while a sweep with other settings is at work, when it is killed, and after that', async () => {
  const set = smallSet(50, ['capital', 'currency', 'symbol']);
  const out = join(temporaryDirectory(), 'run');
  await sweepCli(set, out, '--limit', '20', '--share', '0.5');
  const manifest = readManifest(out);
  const old = new Set(resultsIn(out).map(({ key }) => key));
  const args = ['sweep', set, '--out', out, ...QUICK, '--share', '0.9', '--quiet'];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (shareIn(out) !== 0.9) {
    // What is under the old settings is of the old settings.
    const results = resultsIn(out);
    if (shareIn(out) === 0.5) expect(results.every(({ key }) => old.has(key))).toBe(true);
    await setTimeout(5);
  }
  expect(resultsIn(out).some(({ key }) => old.has(key))).toBe(false);
  expect(() => expectUnchanged(out, manifest)).toThrow('another sweep was begun there');
  const size = () => statSync(join(out, 'run.db')).size;
  const without = size();
  while (size() < without + 50_000 && child.exitCode === null) await setTimeout(20);
  expect((await runCli(['sweep', 'report', out, '--json'])).code).toBe(0);
  child.kill('SIGKILL');
  await ended;
  expect(resultsIn(out)).toEqual([]);
  // What the killed sweep has done is in its report, and nothing else.
  expect((await runCli(['sweep', 'report', out, '--json'])).code).toBe(0);
  const results = resultsIn(out);
  expect(results.length).toBeGreaterThan(0);
  expect(results.some(({ key }) => old.has(key))).toBe(false);
  expect(readManifest(out)).toMatchObject({ endedAt: null, counts: { done: results.length } });
});
