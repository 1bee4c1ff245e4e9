// Sweeps on many machines: a Redis server, three workers, one of which is killed in the middle.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectFailure, MAIN, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { failuresIn, QUICK, smallSet, sweepCli, timelessLines } from './runs.js';

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

async function startRedis(): Promise<string> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  started('redis-server', args, temporaryDirectory());
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    const pong = spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' });
    if (pong.stdout?.includes('PONG')) return url;
    await setTimeout(50);
  }
  throw new Error('redis-server does not answer');
}

function startWorker(url: string): ChildProcess {
  const args = ['sweep', 'work', '--queue', url, '--workers', '1', '--engine', 'wasm'];
  return started(process.execPath, [MAIN, ...args], temporaryDirectory());
}

describe.skipIf(!installed)(`a queue on Redis${why}`, () => {
  it('finds every fact once although a worker is killed, as one run does', async () => {
    const set = smallSet(60, ['capital', 'currency']);
    const one = join(temporaryDirectory(), 'run');
    const many = join(temporaryDirectory(), 'run');
    const url = await startRedis();
    const workers = [1, 2, 3].map(() => startWorker(url));
    const owner = sweepCli(set, many, '--queue', url, '--json', '--quiet');
    await setTimeout(6000);
    workers[0]?.kill('SIGKILL');
    const { code, stdout, stderr } = await owner;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { counts } = JSON.parse(stdout);
    expect(counts).toMatchObject({ failed: 0, waiting: 0 });
    await sweepCli(set, one);
    expect(failuresIn(many)).toEqual([]);
    const idsOf = (out: string) => timelessLines(out).map((line) => JSON.parse(line).id);
    expect(idsOf(many)).toEqual(idsOf(one));
    expect(counts.done).toBe(new Set(idsOf(many)).size);
  });

  it('goes on where an owner was killed', async () => {
    const set = smallSet(30, ['capital']);
    const out = join(temporaryDirectory(), 'run');
    const url = await startRedis();
    const args = ['sweep', set, '--out', out, '--queue', url, ...QUICK];
    const first = started(process.execPath, [MAIN, ...args], temporaryDirectory());
    await setTimeout(5000);
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('exit', resolve));
    startWorker(url);
    const { code, stdout } = await runCli([...args, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { done: 30, failed: 0, waiting: 0 } });
  });
});

it('says that no server is there, in one line', async () => {
  const port = await freePort();
  const args = ['sweep', 'work', '--queue', `redis://127.0.0.1:${port}`];
  expectFailure(await runCli(args), 1, [`127.0.0.1:${port}`, 'is it running?']);
  expectFailure(await runCli(['sweep', 'work', '--queue', 'somewhere']), 2, ['--queue', 'redis://']);
});
