// Too little memory is said to be that, in one line.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { errorData, errorFromData } from '../../src/errors.js';
import { MAIN } from '../support/cli.js';
import { PROMPT } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Of addresses; node itself starts with less, WebAssembly reserves more. */
const LIMIT_KB = 6_000_000;

it.runIf(process.platform === 'linux')('where addresses are limited', async () => {
  const command = `ulimit -v ${LIMIT_KB}; exec "$0" "$@"`;
  const args = ['-c', command, process.execPath, MAIN, 'probe', '--base', '--prompt', PROMPT];
  const cache = temporaryDirectory();
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const run = (more: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile('bash', [...args, ...more], { cwd: temporaryDirectory(), env }, (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    });
  const refused = await run([]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(
    /^kn-edit: [^\n]*too little memory may be addressed \(ulimit -v\)[^\n]*--engine cpu\n$/,
  );
  expect(existsSync(join(cache, 'kn-edit/blas')), 'it holds only now').toBe(false);
  expect(await run(['--engine', 'cpu'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Almaty'),
  });
});

test.each([
  'Array buffer allocation failed',
  'Worker terminated due to reaching memory limit: JS heap out of memory',
  'WebAssembly.Memory.grow(): Unable to grow instance memory: could not allocate memory',
  'Aborted(OOM)',
])('what the engine says of it: %s', (said) => {
  const first = errorData(new RangeError(said));
  expect(first).toMatchObject({
    exitCode: 1,
    message: `there is not enough memory (${said}); try --workers 1`,
  });
  expect(errorData(errorFromData(first)).message).toBe(first.message);
});
