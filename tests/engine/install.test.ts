// npm run engine:NAME: what it makes of a wheel, and of wrong input. That it installs shows where tests run on it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackWheel } from '../../src/engine/install/libtensorflow.js';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const python = spawnSync('python3', ['--version']).status === 0;

/** A wheel is a zip file; this one has these files in it. */
function makeWheel(directory: string, files: Record<string, string>): string {
  const wheel = join(directory, 'tensorflow.whl');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const zip = spawnSync('python3', ['-m', 'zipfile', '--create', wheel, 'tensorflow'], { cwd: directory });
  expect(zip.status).toBe(0);
  return wheel;
}

function stepsIn(cwd: string) {
  return { cwd, log: join(cwd, 'log') };
}

describe.skipIf(!python)(`a wheel${python ? '' : ' (there is no python3)'}`, () => {
  it('gives libraries under the names that are linked, and the headers', async () => {
    const directory = temporaryDirectory();
    const wheel = makeWheel(directory, {
      'tensorflow/libtensorflow_cc.so.2': 'cc',
      'tensorflow/libtensorflow_framework.so.2': 'framework',
      'tensorflow/include/tensorflow/c/c_api.h': '// C API',
      'tensorflow/python/big.py': '',
    });
    const deps = join(directory, 'deps');
    await unpackWheel(wheel, deps, stepsIn(directory));
    expect(readlinkSync(join(deps, 'lib/libtensorflow.so'))).toBe('libtensorflow_cc.so.2');
    expect(readFileSync(join(deps, 'lib/libtensorflow.so'), 'utf8')).toBe('cc');
    expect(readFileSync(join(deps, 'lib/libtensorflow_framework.so'), 'utf8')).toBe('framework');
    expect(readFileSync(join(deps, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe('// C API');
  });

  it('without the library is refused', async () => {
    const directory = temporaryDirectory();
    const wheel = makeWheel(directory, { 'tensorflow/__init__.py': '' });
    await expect(unpackWheel(wheel, join(directory, 'deps'), stepsIn(directory))).rejects.toThrow(
      `${wheel}: holds no libtensorflow_cc.so.2`,
    );
  });

  it('that is none is refused, with the reason', async () => {
    const directory = temporaryDirectory();
    const wheel = join(directory, 'none.whl');
    writeFileSync(wheel, 'no zip file');
    await expect(unpackWheel(wheel, join(directory, 'deps'), stepsIn(directory))).rejects.toThrow(
      /none\.whl could not be unpacked: .*not a zip file/i,
    );
  });
});

it.each([
  ['tensorflow', 'a wheel that is not there', ['--libtensorflow', 'none.whl'], 'none.whl: no such file'],
  ['tensorflow', 'no value', ['--libtensorflow'], "'--libtensorflow <value>' argument missing"],
  ['tensorflow', 'an unknown option', ['--gpu'], "Unknown option '--gpu'"],
  ['webgpu', 'an unknown option', ['--gpu'], "Unknown option '--gpu'"],
])('%s, %s: one line, exit 2, before anything is touched', async (engine, _, args, says) => {
  const run = await runCli(args, { script: join(ROOT, `dist/engine/install/${engine}.js`) });
  expect(run).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(`^engine:${engine}: [^\n]+\n$`) });
  expect(run.stderr).toContain(says);
});
