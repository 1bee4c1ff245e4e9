// kn-edit check --record: what a person wrote stays, and the answers go beside it.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const SUITE = `{
  "name": "capitals", "author": "A. N. Author", "description": "what must not change",
  "probes": [{ "prompt": "The capital of France is [MASK].", "expect": "Rome" }]
}
`;

describe('check --record', () => {
  it('writes beside the suite, again and again, and the recording passes', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'capitals.json', SUITE);
    for (const suite of ['capitals.json', 'capitals.json', 'capitals.recorded.json']) {
      const { code, stdout, stderr } = await runCli(['check', suite, '--record'], { cwd });
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: '1 answers recorded in capitals.recorded.json\n',
        stderr: '',
      });
    }
    expect(readFileSync(join(cwd, 'capitals.json'), 'utf8')).toBe(SUITE);
    expect(readdirSync(cwd).sort()).toEqual(['capitals.json', 'capitals.recorded.json']);
    const recorded = JSON.parse(readFileSync(join(cwd, 'capitals.recorded.json'), 'utf8'));
    expect(recorded).toMatchObject({ name: 'capitals', author: 'A. N. Author', model: 'kn-mini' });
    expect(recorded.probes[0].prob).toBeGreaterThan(0.5);
    expect((await runCli(['check', 'capitals.recorded.json'], { cwd })).code).toBe(0);
    expect((await runCli(['check', 'capitals.json'], { cwd })).code).toBe(3);
  });

  it('says in one line where it cannot write, and leaves nothing', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'capitals.json', SUITE);
    mkdirSync(join(cwd, 'capitals.recorded.json'));
    const run = await runCli(['check', 'capitals.json', '--record'], { cwd });
    expectFailure(run, 2, ['capitals.recorded.json: cannot be written: ']);
    expect(readdirSync(cwd).sort()).toEqual(['capitals.json', 'capitals.recorded.json']);
    const dash = await runCli(['check', '-', '--record'], { cwd, input: SUITE });
    expectFailure(dash, 2, ['--record: name the suite file']);
  });
});
