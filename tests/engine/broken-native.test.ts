// A native package that is there and does not work: it is told of, and nothing else suffers from it.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { expectFailure, runCli } from '../support/cli.js';
import { installationWith } from '../support/installation.js';

const diagnosis = z.object({
  healthy: z.boolean(),
  chosen: z.string(),
  engines: z.array(z.object({ engine: z.string(), found: z.boolean(), detail: z.string() })),
});

it.each([
  ['crashes', 'process.abort();', 'its process ended with SIGABRT'],
  ['ends its process', 'process.exit(3);', 'its process ended with exit code 3'],
  ['has no library', `throw new Error('libtensorflow: cannot open shared object file');`, 'cannot open'],
  ['registers no backend', '', 'backend'],
])('one that %s', async (_, code, reason) => {
  const script = join(installationWith(code), 'dist/cli/main.js');

  const doctor = await runCli(['doctor', '--json'], { script });
  expect(doctor).toMatchObject({ code: 0, stderr: '' });
  const { healthy, chosen, engines } = diagnosis.parse(JSON.parse(doctor.stdout));
  expect(healthy).toBe(true);
  expect(chosen).not.toBe('tensorflow');
  expect(engines.find(({ engine }) => engine === 'tensorflow')).toMatchObject({
    found: false,
    detail: expect.stringContaining(reason),
  });

  const asked = await runCli(['probe', '--engine', 'tensorflow', '--prompt', 'Paris is [MASK].'], { script });
  expectFailure(asked, 2, ['--engine tensorflow', reason, 'try --engine wasm']);
});
