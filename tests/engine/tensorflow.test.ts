// The native engine through the whole program: in a process of its own that can be stopped at any time.
import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { diagnose, Session } from 'kn-edit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { runCli } from '../support/cli.js';
import { NATIVE_MISSING } from '../support/engines.js';
import { relativeError } from '../support/golden.js';

const PROMPT = 'The capital of Kazakhstan is [MASK].';
const TITLE = `tensorflow, in a process of its own${NATIVE_MISSING ? ` (${NATIVE_MISSING})` : ''}`;

function openSession(engine: 'tensorflow' | 'wasm'): Session {
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

describe.skipIf(NATIVE_MISSING)(TITLE, () => {
  it('gives the score map that the embedded engine gives', async () => {
    const settings = { rule: 'gauss-legendre', steps: 20 } as const;
    const [native, embedded] = await Promise.all(
      (['tensorflow', 'wasm'] as const).map((engine) =>
        openSession(engine).attribute(PROMPT, 'Almaty', settings),
      ),
    );
    expect(native?.scores).toBeInstanceOf(Float32Array);
    expect(relativeError(native?.scores ?? [], [...(embedded?.scores ?? [])])).toBeLessThan(1e-4);
  });

  it('is the only one that loads the library', async () => {
    const session = openSession('tensorflow');
    const { engines, chosen } = await diagnose(session, {});
    expect(engines.find(({ engine }) => engine === 'tensorflow')?.found).toBe(true);
    expect(chosen).toBe('tensorflow');
    expect(libraries()).toContainEqual(expect.stringContaining('libc.so'));
    expect(libraries()).not.toContainEqual(expect.stringContaining('tensorflow'));
  });

  it('ends in the middle of a product when the signal fires', async () => {
    const session = openSession('tensorflow');
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
    const run = await runCli(['probe', '--engine', 'tensorflow', '--prompt', PROMPT, '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ top: [{ token: 'Almaty' }, {}, {}, {}, {}] });
  });
});
