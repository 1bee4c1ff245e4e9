// Sweeps on many machines: a Redis server, several workers and owners, and what becomes of them when one is killed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hashOf } from '../../src/hash.js';
import type { SweepJob } from '../../src/sweep/job.js';
import { connectionTo, groupId } from '../../src/sweep/queue/connect.js';
import { expectFailure, MAIN, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { failuresIn, QUICK, resultsIn, smallSet, sweepCli, timelessLines } from './runs.js';

// Programs start many times here, and wait until a lost worker is known to be lost.
vi.setConfig({ testTimeout: 300_000 });

const installed = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
const why = installed ? '' : ' (skipped: redis-server is not installed)';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A process that is gone after the test. */
function started(command: string, args: readonly string[], cwd: string): ChildProcess {
  const child = spawn(command, args, { cwd, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

interface Redis {
  url: string;
  process: ChildProcess;
  /** Asks it something. */
  ask(...command: string[]): string;
}

async function startRedis(): Promise<Redis> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const process = started('redis-server', args, temporaryDirectory());
  const ask = (...command: string[]) =>
    spawnSync('redis-cli', ['-p', String(port), ...command], { encoding: 'utf8' }).stdout.trim();
  await until(() => ask('ping') === 'PONG');
  return { url: `redis://127.0.0.1:${port}`, process, ask };
}

/** Waits until something is so; the test's own limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20);
}

/** The name of the one queue that there is, once its owner or a worker has made it. */
async function queueOn({ ask }: Redis): Promise<string> {
  await until(() => ask('keys', 'bull:*:meta') !== '');
  return ask('keys', 'bull:*:meta').split(':')[1] as string;
}

/** How many groups of a queue are in a state. */
function groupsIn({ ask }: Redis, queue: string, state: 'wait' | 'active' | 'completed' | 'failed'): number {
  const list = state === 'wait' || state === 'active';
  return Number(ask(list ? 'llen' : 'zcard', `bull:${queue}:${state}`));
}

function startOwner({ url }: Redis, set: string, out: string): ChildProcess {
  return started(process.execPath, [MAIN, 'sweep', set, '--out', out, '--queue', url, ...QUICK], out);
}

function startWorker({ url }: Redis): ChildProcess {
  const args = ['sweep', 'work', '--queue', url, '--workers', '1', '--engine', 'wasm'];
  return started(process.execPath, [MAIN, ...args], temporaryDirectory());
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Which neurons each fact has. */
function neuronsIn(out: string) {
  return resultsIn(out).map(({ id, neurons }) => ({
    id,
    neurons: neurons.map((one) => [one.layer, one.neuron]),
  }));
}

const THIRTY = { counts: { done: 30, failed: 0, waiting: 0 } };

describe.skipIf(!installed)(`a queue on Redis${why}`, () => {
  it('finds every fact once although a worker is killed, as one run does', async () => {
    const set = smallSet(60, ['capital', 'currency']);
    const out = temporaryDirectory();
    const redis = await startRedis();
    const victim = startWorker(redis);
    const owner = sweepCli(set, out, '--queue', redis.url, '--json', '--quiet');
    const queue = await queueOn(redis);
    // It is killed while it has a group: whether it has one is looked at while it stands still.
    for (let holds = false; !holds; ) {
      victim.kill('SIGCONT');
      await setTimeout(50);
      victim.kill('SIGSTOP');
      holds = groupsIn(redis, queue, 'active') === 1;
    }
    victim.kill('SIGKILL');
    startWorker(redis);
    startWorker(redis);
    const { code, stdout, stderr } = await owner;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { counts } = JSON.parse(stdout);
    expect(counts).toMatchObject({ failed: 0, waiting: 0 });
    expect(failuresIn(out)).toEqual([]);
    // Facts that were sent again were located by themselves, and last digits depend on what shares a batch.
    const one = temporaryDirectory();
    await sweepCli(set, one);
    expect(neuronsIn(out)).toEqual(neuronsIn(one));
  });

  it('collects what was computed while an owner was gone', async () => {
    const set = smallSet(30, ['capital']);
    const out = temporaryDirectory();
    const redis = await startRedis();
    const first = startOwner(redis, set, out);
    const queue = await queueOn(redis);
    await until(() => groupsIn(redis, queue, 'wait') === 2);
    first.kill('SIGKILL');
    await exitOf(first);
    const worker = startWorker(redis);
    await until(() => groupsIn(redis, queue, 'completed') === 2);
    worker.kill('SIGKILL');
    const { code, stdout } = await sweepCli(set, out, '--queue', redis.url, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(THIRTY);
    expect(redis.ask('keys', `bull:${queue}:group-*`)).toBe('');
  });

  it('sends again what the server has lost', async () => {
    const set = smallSet(30, ['capital']);
    const redis = await startRedis();
    const owner = sweepCli(set, temporaryDirectory(), '--queue', redis.url, '--json');
    const queue = await queueOn(redis);
    await until(() => groupsIn(redis, queue, 'wait') === 2);
    redis.ask('flushall');
    startWorker(redis);
    expect(JSON.parse((await owner).stdout)).toMatchObject(THIRTY);
  });

  it('serves two owners of the same facts', async () => {
    const set = smallSet(30, ['capital']);
    const redis = await startRedis();
    const outs = [temporaryDirectory(), temporaryDirectory()] as const;
    const owners = outs.map((out) => sweepCli(set, out, '--queue', redis.url, '--json'));
    const queue = await queueOn(redis);
    await until(() => groupsIn(redis, queue, 'wait') === 2);
    startWorker(redis);
    for (const { stdout } of await Promise.all(owners)) expect(JSON.parse(stdout)).toMatchObject(THIRTY);
    const one = temporaryDirectory();
    await sweepCli(set, one);
    for (const out of outs) expect(timelessLines(out)).toEqual(timelessLines(one));
  });

  it('has computed again what comes back as nonsense, and lets no nonsense end a worker', async () => {
    const set = smallSet(30, ['capital']);
    const redis = await startRedis();
    const owner = sweepCli(set, temporaryDirectory(), '--queue', redis.url, '--json');
    const queue = await queueOn(redis);
    const liar = new Worker(queue, null, { connection: connectionTo(redis.url), autorun: false });
    const stranger = new Queue(queue, { connection: connectionTo(redis.url) });
    onTestFinished(async () => void (await Promise.all([liar.close(true), stranger.close()])));
    await (await liar.getNextJob('a token'))?.moveToCompleted('nonsense', 'a token', false);
    await stranger.add('nonsense', {}, { lifo: true });
    startWorker(redis);
    expect(JSON.parse((await owner).stdout)).toMatchObject(THIRTY);
    expect(groupsIn(redis, queue, 'failed')).toBe(1);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('can be left when the server gets %s', async (signal) => {
    const set = smallSet(60, ['capital', 'currency']);
    const out = temporaryDirectory();
    const redis = await startRedis();
    const [owner, worker] = [startOwner(redis, set, out), startWorker(redis)];
    const queue = await queueOn(redis);
    await until(() => groupsIn(redis, queue, 'active') === 1 && groupsIn(redis, queue, 'wait') > 0);
    redis.process.kill(signal);
    await setTimeout(1000);
    const ends = Promise.all([exitOf(owner), exitOf(worker)]);
    owner.kill('SIGTERM');
    worker.kill('SIGTERM');
    expect(await ends).toEqual([130, 130]);
    expect((await sweepCli(set, out)).code).toBe(0);
  });
});

it('names no group by a number, which the queue would not take', () => {
  const jobOf = (i: number) => ({ key: String(i) }) as SweepJob;
  const isNumber = (text: string) => `${Number.parseInt(text, 10)}` === text;
  let number = 0;
  while (!isNumber(hashOf([String(number)]))) number++;
  expect(isNumber(groupId([jobOf(number)]))).toBe(false);
});

it('says that no server is there, in one line', async () => {
  const port = await freePort();
  const args = ['sweep', 'work', '--queue', `redis://127.0.0.1:${port}`];
  expectFailure(await runCli(args), 1, [`127.0.0.1:${port}`, 'is it running?']);
  expectFailure(await runCli(['sweep', 'work', '--queue', 'somewhere']), 2, ['--queue', 'redis://']);
});
