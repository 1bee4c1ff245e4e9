// The native engines through the whole program: in processes of their own that can be stopped at any time.
import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { diagnose, Session } from 'kn-edit';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { tryApart } from '../../dist/engine/choice/apart.js';
import { chooseEngines, WORTH_A_PROCESS } from '../../dist/engine/choice/choose.js';
import { weightBytes } from '../../dist/lm/files.js';
import type { EngineName } from '../../src/spec/choices.js';
import { checkpointOf } from '../support/checkpoints.js';
import { expectFailure, runCli } from '../support/cli.js';
import { describeOnEngines } from '../support/engines.js';
import { relativeError } from '../support/golden.js';

const PROMPT = 'The capital of Kazakhstan is [MASK].';
/** By engine, a word that the paths of its libraries have in them. */
const LIBRARIES = { tensorflow: 'tensorflow', webgpu: 'dawn' };

function openSession(engine: EngineName): Session {
  const session = new Session({ base: true, engine });
  onTestFinished(() => session.close());
  return session;
}

/** The processes that this one starts from now on. */
function watchChildren(): ChildProcess[] {
  const children: ChildProcess[] = [];
  const note = (message: unknown) => {
    if (message instanceof Object && 'process' in message && message.process instanceof ChildProcess) {
      children.push(message.process);
    }
  };
  subscribe('child_process', note);
  onTestFinished(() => void unsubscribe('child_process', note));
  return children;
}

/** The libraries in this process. */
function libraries(): string[] {
  const report: unknown = process.report.getReport();
  return z.object({ sharedObjects: z.array(z.string()) }).parse(report).sharedObjects;
}

await describeOnEngines(['a process of its own'], ['tensorflow', 'webgpu'], (_, engine) => {
  it('gives the score map that the embedded engine gives', async () => {
    const settings = { rule: 'gauss-legendre', steps: 20 } as const;
    const [native, embedded] = await Promise.all(
      [engine, 'wasm' as const].map((one) => openSession(one).attribute(PROMPT, 'Almaty', settings)),
    );
    expect(native?.scores).toBeInstanceOf(Float32Array);
    expect(relativeError(native?.scores ?? [], [...(embedded?.scores ?? [])])).toBeLessThan(1e-4);
  });

  it('is the only one that loads the library', async () => {
    const session = openSession(engine);
    const { engines, chosen } = await diagnose(session, {});
    expect(engines.find((one) => one.engine === engine)?.found).toBe(true);
    expect(chosen).toBe(engine);
    expect(libraries()).toContainEqual(expect.stringContaining('libc.so'));
    expect(libraries()).not.toContainEqual(expect.stringContaining(LIBRARIES[engine]));
  });

  it('ends in the middle of a product when the signal fires', async () => {
    const session = openSession(engine);
    const children = watchChildren();
    await session.model();
    const abort = new AbortController();
    const long = { rule: 'riemann-left', steps: 1000 } as const;
    const work = session.attribute(PROMPT, 'Almaty', long, { signal: abort.signal });
    setTimeout(() => abort.abort(), 300);
    await expect(work).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    await session.close();
    const workers = children.filter(({ spawnargs }) => spawnargs.some((arg) => arg.includes('tinypool')));
    expect(workers.length).toBeGreaterThan(0);
    for (const worker of workers) {
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
      expect(worker.signalCode, 'one that took a second would have got SIGKILL').toBe('SIGTERM');
    }
  });

  it('adds nothing to the output', async () => {
    const run = await runCli(['probe', '--engine', engine, '--prompt', PROMPT, '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ top: [{ token: 'Almaty' }, {}, {}, {}, {}] });
  });
});

await describeOnEngines(['what a device is good for'], ['webgpu'], (_, engine) => {
  it('is told by doctor, and asked before a model is read', async () => {
    const { largestMatrixBytes = 0, emulated } = await tryApart(engine);
    expect(largestMatrixBytes).toBeGreaterThanOrEqual(2 ** 27); // of every device
    expect(typeof emulated).toBe('boolean');
    const model = checkpointOf(largestMatrixBytes + 4);
    const run = await runCli(['probe', '--engine', engine, '--model', model, '--prompt', PROMPT]);
    expectFailure(run, 2, [model, '--engine webgpu', 'maxStorageBufferBindingSize']);
  });

  it('is not left to chance: auto takes no device that is emulated', async () => {
    const { emulated } = await tryApart(engine);
    const path = checkpointOf(WORTH_A_PROCESS);
    const { candidates } = await chooseEngines('auto', { path, weights: weightBytes(path) }, 0);
    if (emulated) expect(candidates).not.toContain(engine);
  });
});
