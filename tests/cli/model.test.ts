// kn-edit model, and the hub's models behind --model, from the command line.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectFailure, MAIN, runCli } from '../support/cli.js';
import { goldenDirectory, readGolden } from '../support/golden.js';
import { HubServer, hubEnvironment } from '../support/hub-server.js';
import { temporaryDirectory } from '../support/temporary.js';

const ID = 'golden/bert';
const NAMES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];

/** A hub with one model, and the environment that leads to it. */
async function hub() {
  const server = await HubServer.start();
  const files = NAMES.map((name) => [name, readFileSync(join(goldenDirectory('bert'), name))]);
  server.models.set(ID, { files: Object.fromEntries(files) });
  const home = temporaryDirectory();
  return { server, home, env: hubEnvironment(server, home) };
}

async function json(args: string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { env });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

it('pull, list, info, and then --model', async () => {
  const { env, home } = await hub();
  const prompt = readGolden('bert').facts[0]?.prompts[0];
  if (!prompt) throw new Error('the golden values hold no prompt');
  const probe = ['probe', '--prompt', prompt.prompt, '--model', ID];
  expectFailure(await runCli(probe, { env }), 2, [
    `${ID}: no such model directory, and not in the cache (${join(home, 'hub')})`,
    `run: kn-edit model pull ${ID}`,
  ]);

  const text = await runCli(['model', 'pull', ID], { env });
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toMatch(/^golden\/bert: 4 files downloaded, 0\.2 MB; commit a{12}\n/);
  expect(await json(['model', 'pull', ID], env)).toMatchObject({
    id: ID,
    files: NAMES.map(() => ({ downloaded: false })),
  });
  expect(await json(['model', 'list'], env)).toMatchObject({
    models: [
      { name: 'kn-mini', source: 'embedded' },
      { name: ID, source: 'cache', checkpoint: { family: 'bert', dtype: 'F32' } },
    ],
  });
  expect(await json(['model', 'info', ID], env)).toMatchObject({
    name: ID,
    family: 'bert',
    layers: prompt.activations.length,
    neurons: prompt.activations[0]?.length,
    parameters: expect.any(Number),
    estimate: {
      memoryBytes: expect.any(Number),
      locateSeconds: expect.any(Number),
      workers: expect.any(Number),
    },
  });
  expect(await json(probe, env)).toMatchObject({ ids: prompt.ids, position: prompt.position });
  expect(await json(['doctor', '--model', ID], env)).toMatchObject({ healthy: true, model: { name: ID } });
});

it('model info of the embedded model and of a directory', async () => {
  const mini = await runCli(['model', 'info']);
  expect(mini.stdout).toMatch(
    /^kn-mini: bert \(masked\), 4 layers of 512 neurons, width 128\n 1\.\d million parameters, F32, [\d.]+ MB/,
  );
  expect(mini.stdout).toMatch(/locating takes about \d+ MB of memory and \d+ s a fact \(8 prompts/);
  const directory = goldenDirectory('bert');
  expect(await json(['model', 'info', directory], {})).toMatchObject({
    name: 'bert',
    directory,
    family: 'bert',
  });
});

it('Ctrl-C stops a pull: exit 130, nothing to be seen, and the next one continues', async () => {
  const { server, home, env } = await hub();
  server.stall = { path: 'model.safetensors', after: 50_000 };
  const child = spawn(process.execPath, [MAIN, 'model', 'pull', ID], { env: { ...process.env, ...env } });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const model = join(home, 'hub', 'models--golden--bert');
  const arrived = () => {
    const blobs = join(model, 'blobs');
    const partial = existsSync(blobs) && readdirSync(blobs).find((name) => name.endsWith('.part'));
    return (partial && statSync(join(blobs, partial), { throwIfNoEntry: false })?.size) || 0; // may have its name by now
  };
  while (arrived() < 50_000) await setTimeout(20);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toBe('kn-edit: interrupted; what has arrived is kept for the next time\n');
  expect(readdirSync(model)).toEqual(['blobs']);

  server.stall = undefined;
  await json(['model', 'pull', ID], env);
  expect(server.seen.at(-1)?.range).toBe('bytes=50000-');
});

it('nothing that the hub says is obeyed by a terminal', async () => {
  const { server, env } = await hub();
  const { 'model.safetensors': _, ...files } = server.models.get(ID)?.files ?? {};
  const weight_map = { a: '\u001b[31m\u009b2J\u202egnp.safetensors' };
  const index = JSON.stringify({ weight_map });
  server.models.set(ID, { files: { ...files, 'model.safetensors.index.json': index } });
  for (const args of [[], ['--json'], ['--verbose']]) {
    const { code, stdout, stderr } = await runCli(['model', 'pull', ID, ...args], { env });
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('gnp.safetensors');
    for (const control of ['\u001b', '\u009b', '\u202e']) expect(stdout + stderr).not.toContain(control);
  }
});

it('complaints are one line', async () => {
  const { env } = await hub();
  expectFailure(await runCli(['model', 'pull', 'golden/none'], { env }), 2, [
    'golden/none: there is no such model',
  ]);
  expectFailure(await runCli(['model', 'pull', 'not a name'], { env }), 2, ['is not the name of a model']);
  expectFailure(await runCli(['model', 'info', 'golden/bert'], { env }), 2, [
    'run: kn-edit model pull golden/bert',
  ]);
  const unmakeable = { ...env, HF_HOME: '/proc/nope' }; // Node's own recursive mkdir never returns there
  expectFailure(await runCli(['model', 'pull', ID], { env: unmakeable }), 2, [
    '/proc/nope',
    'cannot be written',
    'HF_HOME',
  ]);
  const away = { ...env, HF_ENDPOINT: 'http://127.0.0.1:9' };
  expectFailure(await runCli(['model', 'pull', ID], { env: away }), 1, ['cannot be reached', 'HF_ENDPOINT']);
});
