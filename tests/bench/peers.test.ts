// npm run bench:peers as far as it goes without PyTorch: what it needs, and what it says of processes that fail.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { start } from '../../src/bench/peers/turns.js';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const script = join(ROOT, 'dist/bench/peers/main.js');
const READY = JSON.stringify({ versions: 'v', threads: 2, prob: 0.5, residual: 0, nodes: 20 });

it.each([
  [
    [],
    'bench:peers: needs --python PATH, a Python with torch, transformers, einops and tqdm, and --knowledge-neurons DIR',
  ],
  [['--python', 'python3'], 'bench:peers: needs --python PATH'],
  [['--quick'], "bench:peers: Unknown option '--quick'"],
  [
    ['--python', 'python3', '--knowledge-neurons', '/nowhere'],
    'bench:peers: --knowledge-neurons: /nowhere: has no knowledge_neurons; give a checkout of EleutherAI/knowledge-neurons',
  ],
])('%j: one line, exit 2', async (args, says) => {
  const { code, stdout, stderr } = await runCli(args, { script });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(says)).toBe(true);
  expect(stderr.trimEnd()).not.toContain('\n');
});

it('names a count that is none', async () => {
  const tool = temporaryDirectory();
  mkdirSync(join(tool, 'knowledge_neurons'));
  const args = ['--python', 'python3', '--knowledge-neurons', tool, '--turns', '0'];
  const stderr = 'bench:peers: --turns: must be a whole number from 1 to 999\n';
  expect(await runCli(args, { script })).toEqual({ code: 2, stdout: '', stderr });
});

/** A contestant that runs a line of JavaScript. */
const contestant = (body: string) => start('peer', process.execPath, ['--eval', body]);

it('takes turns', async () => {
  const turn = '{"seconds":1,"cpuSeconds":2}';
  const one = await contestant(
    `console.log('${READY}'); process.stdin.on('data', () => console.log('${turn}'))`,
  );
  expect(one.ready).toEqual(JSON.parse(READY));
  expect([await one.turn(), await one.turn()]).toEqual([JSON.parse(turn), JSON.parse(turn)]);
  one.close();
});

it.each([
  [
    'fails',
    "console.error('Traceback:\\n  ...\\nModuleNotFoundError: no torch'); process.exit(1)",
    'peer: ModuleNotFoundError: no torch',
  ],
  ['ends', '', 'peer: it ended without a word'],
  ['says something else', "console.log('hello')", 'peer: says "hello", which is no measurement'],
])('one that %s is named in one line', async (_, body, says) => {
  await expect(contestant(body)).rejects.toThrow(says);
});

it('one that is not there is named in one line', async () => {
  await expect(start('peer', '/nowhere/python', [])).rejects.toThrow('peer: /nowhere/python cannot be run');
});
