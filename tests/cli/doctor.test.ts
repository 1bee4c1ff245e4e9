// doctor reports what is broken instead of failing on it, and blames the right thing.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { diagnose as diagnoseSession, InterruptedError, Session } from 'kn-edit';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runCli } from '../support/cli.js';
import { FACT, otherModel, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const name = z.string().min(1);
const count = z.number().int().positive();

const diagnosis = z.strictObject({
  healthy: z.boolean(),
  engines: z
    .array(
      z.strictObject({
        engine: name,
        found: z.boolean(),
        gflops: z.number().positive().optional(),
        detail: name,
        largestMatrixBytes: count.optional(),
        emulated: z.boolean().optional(),
      }),
    )
    .min(1),
  blas: z.array(
    z.strictObject({
      library: name,
      path: name,
      coreType: name.nullable(),
      found: z.boolean(),
      detail: name,
      version: z.string().optional(),
      kernels: name.optional(),
      gflops: z.number().positive().optional(),
      chosen: z.boolean(),
    }),
  ),
  advice: z.array(name),
  chosen: name.nullable(),
  reason: name,
  workers: z.strictObject({ count, bytes: count, weights: count }).nullable(),
  versions: z.record(z.string(), name),
  model: z.union([
    z.strictObject({
      name,
      directory: name,
      fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
      formerFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
      family: name,
      causal: z.boolean(),
      normsOutput: z.boolean(),
      notes: z.array(name),
      layers: count,
      neurons: count,
      hidden: count,
      vocabulary: count,
      maxLength: count,
    }),
    z.strictObject({ error: name }),
  ]),
  ledger: z.strictObject({
    path: name.nullable(),
    exists: z.boolean(),
    edits: z.number().int(),
    applied: z.number().int(),
    cache: z.strictObject({ maps: z.number(), bytes: z.number(), limit: count }).nullable(),
    complaints: z.array(name),
    replayed: z.boolean(),
  }),
  project: z.strictObject({ path: name, model: name }).nullable(),
});

async function diagnose(cwd: string, args: string[], code: number) {
  const run = await runCli(['doctor', ...args, '--json'], { cwd });
  expect(run).toMatchObject({ code, stderr: '' });
  return diagnosis.parse(JSON.parse(run.stdout));
}

describe('doctor', () => {
  test('on a sound installation', async () => {
    const found = await diagnose(temporaryDirectory(), [], 0);
    expect(found).toMatchObject({ healthy: true, model: { name: 'kn-mini' }, ledger: { exists: false } });
    expect(found.engines.find(({ engine }) => engine === found.chosen)).toMatchObject({
      found: true,
      gflops: expect.any(Number),
    });
    expect(found.workers?.count).toBeGreaterThanOrEqual(1);
  });

  test('without a model', async () => {
    const { healthy, model, chosen, workers } = await diagnose(temporaryDirectory(), ['--model', 'none'], 1);
    expect(healthy).toBe(false);
    expect(workers).toBeNull();
    expect(model).toEqual({ error: expect.stringContaining('no such model directory') });
    expect(chosen, 'the engines are not to blame').not.toBeNull();
  });

  test("with another program's file as ledger", async () => {
    const cwd = temporaryDirectory();
    new Database(join(cwd, 'other.db')).exec('CREATE TABLE bookmarks (url TEXT)').close();
    const { healthy, ledger } = await diagnose(cwd, ['--db', 'other.db'], 1);
    expect(healthy).toBe(false);
    expect(ledger.complaints, 'the path stands beside them').toEqual([
      expect.stringMatching(/^is .* not a kn-edit ledger/),
    ]);
  });

  test("with another model's ledger", async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'fact.json', FACT);
    const located = await runCli(['locate', 'fact.json', '--max-generic', '1', '--db', 'ledger.db'], {
      cwd,
    });
    expect(located.code).toBe(0);
    const args = ['--db', 'ledger.db', '--model', otherModel('second')];
    const { healthy, ledger } = await diagnose(cwd, args, 1);
    expect(healthy).toBe(false);
    expect(ledger.complaints).toEqual([expect.stringContaining('belongs to the model kn-mini')]);
  });
});

describe('an interrupted doctor', () => {
  test.each(['before it begins', 'while the model is loaded'])('%s', async (when) => {
    const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
    const abort = new AbortController();
    if (when === 'before it begins') abort.abort();
    const found = diagnoseSession(session, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(found).rejects.toThrow(InterruptedError);
    await session.close();
  });
});
