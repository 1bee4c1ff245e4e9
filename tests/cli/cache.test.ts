// kn-edit cache prune, and what doctor says of the cache, on the real model.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const cached = z.object({ maps: z.number(), bytes: z.number(), limit: z.number() });
const look = cached.extend({ fileBytes: z.number() });

test('the cache is stated and pruned; edits stay, and are taken back byte for byte', async () => {
  const cwd = temporaryDirectory();
  const edit = `${ROOT}/edits/fix-capital.json`;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli([...args, '--db', 'l.db', '--json'], { cwd });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as unknown;
  };
  const doctor = z.object({ healthy: z.literal(true), ledger: z.object({ cache: cached }) });
  await run('apply', edit, '--control', 'none', '--max-generic', '1');
  const before = doctor.parse(await run('doctor')).ledger.cache;
  expect(before.maps).toBeGreaterThanOrEqual(8);
  expect(before.bytes).toBeGreaterThan(before.maps * 4 * 4 * 512); // kn-mini has 4 layers of 512 neurons
  expect(before.limit).toBe(1e9);

  const half = Math.floor(before.bytes / 2);
  const pruned = z
    .object({ path: z.literal('l.db'), before: look, after: look })
    .parse(await run('cache', 'prune', '--to', String(half)));
  expect(pruned.before).toMatchObject(before);
  expect(pruned.after.bytes).toBeLessThanOrEqual(half);
  expect(pruned.after.bytes).toBeGreaterThan(half - 20_000);
  expect(pruned.after.fileBytes).toBeLessThan(pruned.before.fileBytes);
  await run('cache', 'prune');
  expect(doctor.parse(await run('doctor')).ledger.cache).toMatchObject({ maps: 0, bytes: 0 });
  expect(await run('revert', '--last')).toMatchObject({ isBase: true });
});

test('says what is no size, and that there is no ledger', async () => {
  const cwd = temporaryDirectory();
  const wrong = await runCli(['cache', 'prune', '--to', 'half'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    'kn-edit: --to: "half" is no size; write bytes, or 500MB, 2GB\n',
  ]);
  const nothing = await runCli(['cache', 'prune', '--db', 'none.db'], { cwd });
  expect([nothing.code, nothing.stderr]).toEqual([
    2,
    'kn-edit: none.db: there is no ledger yet, and nothing cached\n',
  ]);
});
