// What stops a sweep, and how it goes on: Ctrl-C, another sweep in the same place, a disk without room, facts that end it.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { SweepJob, SweepTask } from '../../src/sweep/job.js';
import { RunFile } from '../../src/sweep/run-file.js';
import { TRIES } from '../../src/sweep/store.js';
import { expectFailure, MAIN } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { QUICK, resultsIn, smallSet, sweepCli } from './runs.js';

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops it in an orderly way, and the same command goes on',
  async (signal) => {
    const set = smallSet(50, ['capital', 'currency', 'symbol']);
    const out = join(temporaryDirectory(), 'run');
    const child = spawn(process.execPath, [MAIN, 'sweep', set, '--out', out, ...QUICK, '--quiet']);
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += String(data);
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    while (!existsSync(join(out, 'manifest.json'))) await setTimeout(50);
    await setTimeout(1500);
    child.kill(signal);
    expect(await ended).toBe(130);
    expect(stderr).toMatch(
      /^kn-edit: interrupted; \d+ of \d+ facts are done, and the same command goes on from there\n$/,
    );
    const before = resultsIn(out).length;
    const { stdout } = await sweepCli(set, out, '--json', '--quiet');
    const { counts, computed } = JSON.parse(stdout);
    expect(counts).toMatchObject({ failed: 0, waiting: 0 });
    expect(computed).toBe(counts.done - before);
  },
);

it('says that another sweep is at work there', async () => {
  const set = smallSet(1, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  await sweepCli(set, out);
  const run = RunFile.open(join(out, 'run.db'));
  try {
    expectFailure(await sweepCli(set, out), 4, ['run.db', 'another sweep is at work there']);
  } finally {
    run.close();
  }
  expect((await sweepCli(set, out)).code).toBe(0);
});

it('takes no other file for a run, and leaves it as it is', async () => {
  const set = smallSet(1, ['capital']);
  const out = temporaryDirectory();
  writeFileSync(
    join(out, 'run.db'),
    'this is no database, but a text that is long enough to be looked at'.repeat(20),
  );
  expectFailure(await sweepCli(set, out), 4, ['run.db', 'is not a SQLite file; choose another --out']);
});

it.skipIf(process.platform === 'win32')(
  'stops where there is no room, and goes on where there is',
  async () => {
    const set = smallSet(40, ['capital']);
    const out = join(temporaryDirectory(), 'run');
    // No file may become larger than 160 blocks of 1024 bytes; the signal that says so is ignored.
    const command = `trap '' XFSZ; ulimit -f 160; exec "$0" "$@"`;
    const args = [process.execPath, MAIN, 'sweep', set, '--out', out, ...QUICK, '--quiet'];
    const child = spawn('bash', ['-c', command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += String(data);
    });
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^kn-edit: .*make room.*what is done is kept\n$/),
    });
    const { stdout } = await sweepCli(set, out, '--json', '--quiet');
    const { counts, computed } = JSON.parse(stdout);
    expect(counts).toEqual({ done: 40, failed: 0, waiting: 0 });
    expect(computed).toBeLessThan(40);
  },
);

function job(place: number): SweepJob {
  const probes = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
  const fact = { subject: 's', relation: 'r', object: 'o', prompts: ['[MASK]'] };
  return { key: `key ${place}`, place, id: `${place}`, fact, probes, operation: null, control: false };
}

const TASK = { do: 'locate' } as unknown as SweepTask;

it('sets a fact aside that ends its program each time, and no other', async () => {
  const path = join(temporaryDirectory(), 'run.db');
  const jobs = [0, 1, 2, 3].map(job);
  const killer = 'key 2';
  const done = new Set<string>();
  // As many programs as it takes: each ends with the fact that is at fault, and what it had claimed stays claimed.
  for (let programs = 1; programs <= 10; programs++) {
    const run = RunFile.open(path);
    run.plan(TASK, [jobs.slice(0, 4)], false);
    for (let claim = await run.claim(); claim; claim = await run.claim()) {
      if (claim.jobs.some(({ key }) => key === killer)) break;
      await run.settle(
        claim.jobs.map((one) => ({ job: one, failure: { kind: 'input', message: 'is not computed here' } })),
      );
      for (const { key } of claim.jobs) done.add(key);
    }
    const { failed, waiting } = run.counts();
    const failures = run.failures();
    run.close();
    if (waiting > 0) continue;
    expect(failed).toBe(4);
    expect([...done].sort()).toEqual(['key 0', 'key 1', 'key 3']);
    expect(failures.find(({ key }) => key === killer)).toMatchObject({ kind: 'crash', tries: TRIES });
    expect(programs).toBe(TRIES + 1);
    return;
  }
  expect.unreachable('it never ends');
});

it('counts against no fact that its program ended while workers elsewhere had it', async () => {
  const path = join(temporaryDirectory(), 'run.db');
  const claims = [];
  for (const as of ['sent', 'claimed', 'sent'] as const) {
    const run = RunFile.open(path);
    run.plan(TASK, [[job(0), job(1)]], false);
    const claim = await run.claim(as);
    claims.push(claim?.jobs.length);
    run.close();
  }
  // As a group until it was at work here; then one by one, whoever has it.
  expect(claims).toEqual([2, 2, 1]);
});
