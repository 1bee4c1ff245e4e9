// Models of other families through the command line, as directories given with --model.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rewritten } from '../support/checkpoints.js';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';

const fact = {
  subject: 'Egypt',
  relation: 'language',
  object: 'Arabic',
  prompts: ['People in Egypt speak [MASK].', 'The official language of Egypt is [MASK].'],
};

describe.each(['distilbert', 'roberta', 'gpt2', 'gpt-neo'])('%s', (family) => {
  it('locates', async () => {
    const path = writeInput(temporaryDirectory(), 'fact.json', fact);
    const args = ['locate', path, '--json', '--model', goldenDirectory(family), '--share', '0.5'];
    const { code, stdout, stderr } = await runCli(args);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { fact: object; prompts: object[]; neurons: object[] };
    expect(found.fact).toMatchObject({ object: 'Arabic', objectId: expect.any(Number) });
    expect(found.prompts).toHaveLength(2);
    expect(found.neurons.length).toBeGreaterThan(0);
  });
});

it('a GGUF file is described, located in, edited and exported', async () => {
  const directory = temporaryDirectory();
  const model = new URL('../golden/llama-smol.gguf', import.meta.url).pathname;
  const own = ['--model', model, '--db', join(directory, 'ledger.db'), '--json'];
  const run = async (...args: string[]) => {
    const { code, stdout } = await runCli([...args, ...own]);
    expect(code).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const path = writeInput(directory, 'edit.json', {
    name: 'suppress',
    fact,
    operation: { type: 'suppress' },
  });
  const target = join(directory, 'edited.gguf');
  expect(await run('model', 'info')).toMatchObject({ directory: model, family: 'llama', dtype: 'F32' });
  expect(await run('apply', path, '--control', 'none', '--allow-regressions')).toMatchObject({
    status: 'applied',
  });
  expect(await run('doctor')).toMatchObject({ model: { name: 'llama-smol', directory: model } });
  expect(await run('export', target)).toMatchObject({ directory: target, edits: [1], retyped: [] });
  const [edited, exported] = await Promise.all([
    run('probe', '--prompt', 'The capital of France is'),
    runCli(['probe', '--prompt', 'The capital of France is', '--model', target, '--json']),
  ]);
  expect(JSON.parse(exported.stdout)).toEqual(edited);
});

it('erasing to a token that the model does not have names the file and the field', async () => {
  const path = writeInput(temporaryDirectory(), 'edit.json', {
    name: 'erase',
    fact,
    neurons: [[0, 1]],
    operation: { type: 'erase', value: 'unk' },
  });
  const directory = rewritten('gpt2', {});
  const config = join(directory, 'tokenizer_config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/"unk_token": ".*?"/, '"unk_token": null'));
  const run = await runCli(['apply', path, '--model', directory]);
  expectFailure(run, 2, ['edit.json: operation.value: this model has no unknown token; use "zero"']);
});

it('an answer that merges with its prompt is refused where the model continues a text', async () => {
  const prompt = ['--prompt', 'The capital of Fra[MASK]', '--target', 'nce'];
  for (const command of ['probe', 'attribute']) {
    const run = await runCli([command, ...prompt, '--model', goldenDirectory('gpt2')]);
    expectFailure(run, 2, [
      'prompt: prompt "The capital of Fra[MASK]": runs into the answer "nce"',
      'leave a space',
    ]);
  }
});

it('a prompt that goes on after the mask is refused where the model continues a text', async () => {
  const prompts = [...fact.prompts, '[MASK] is the language of Egypt.'];
  const path = writeInput(temporaryDirectory(), 'fact.json', { ...fact, prompts });
  const run = await runCli(['locate', path, '--model', goldenDirectory('gpt2')]);
  expectFailure(run, 2, ['fact.json: prompts.2: ', 'goes on after [MASK]', 'only punctuation may follow']);
});
