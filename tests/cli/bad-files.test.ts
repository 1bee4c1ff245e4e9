// What the command line says to edit and fact files that it cannot use: file, field and fix.
import { describe, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, FACT, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;

describe('an edit file', () => {
  const operation = (value: object) => ({ ...EDIT, operation: value });
  const rewrite = (more: object) => operation({ type: 'rewrite', to: 'Astana', ...more });
  const asking = (...prompts: string[]) => ({ ...EDIT, fact: { ...FACT, prompts } });
  const probed = (prompt: string, expect: unknown) => ({
    ...EDIT,
    probes: { unrelated: [{ prompt, expect }] },
  });
  const { operation: _, ...nothingToDo } = EDIT;

  test.each<[string, unknown, string[]]>([
    ['that is empty', '', ['not valid JSON']],
    ['that is a list', [], ['object']],
    ['with an unknown key', { ...EDIT, tolerence: {} }, ['unrecognized key', '"tolerence"']],
    ['with an unknown key inside', { ...EDIT, fact: { ...FACT, extra: 1 } }, ['fact: ', '"extra"']],
    ['without an operation', nothingToDo, ['operation: is missing']],
    ['with an unknown operation', operation({ type: 'explode' }), ['unknown operation', 'one of suppress']],
    ['with an operation of no type', operation({}), ['operation.type: ', 'suppress', 'rewrite']],
    ['without a factor', operation({ type: 'scale' }), ['operation.factor: ']],
    [
      'with a factor that is text',
      operation({ type: 'scale', factor: '2' }),
      ['operation.factor: ', 'finite'],
    ],
    [
      'with an infinite factor',
      JSON.stringify(operation({ type: 'scale', factor: 7 })).replace('7}', '1e999}'),
      ['operation.factor: ', 'finite'],
    ],
    ['without a new answer', operation({ type: 'rewrite' }), ['operation.to: ']],
    ['with an unknown method', rewrite({ method: 'magic' }), ['operation.method: ', 'solve']],
    ['with options of two methods', rewrite({ lambdaNew: 8 }), ['operation.lambdaNew: ', 'remove it']],
    ['with an id out of range', rewrite({ to: { id: 1433 } }), ['operation.to: ', '1433', '0 to 1432']],
    [
      'with a new answer of so many tokens that a prompt has no room for them',
      rewrite({ to: 'Paris '.repeat(40) }),
      ['operation.to: ', '48 tokens with an answer of 40', 'at most 32'],
    ],
    [
      'with the old answer as the new one',
      rewrite({ to: 'Almaty' }),
      ['operation.to: "Almaty" is the old answer'],
    ],
    [
      'with neurons outside the model',
      { ...EDIT, neurons: [[4, 0]] },
      ['neurons.0: [4, 0]', '4 layers of 512'],
    ],
    [
      'with "locate" beside neurons',
      { ...EDIT, locate: { preset: 'default' } },
      ['neurons: stands beside "locate"'],
    ],
    ['for another model', { ...EDIT, model: 'bert-base' }, ['model: ', '"bert-base"', '"kn-mini"']],
    ['without a neuron', { ...EDIT, neurons: [] }, ['neurons: ', 'at least one neuron']],
    ['with half a neuron', { ...EDIT, neurons: [[3]] }, ['neurons.0: ']],
    ['without a prompt', asking(), ['fact.prompts: ', 'at least one prompt']],
    ['with two masks', asking('[MASK] [MASK]'), ['fact.prompts.0: ', '2 masks']],
    ['with a bad prompt among good ones', asking(PROMPT, 'Nothing'), ['fact.prompts.1: ', 'write [MASK]']],
    ['with a probe without a mask', probed('Nothing', 'Paris'), ['probes.unrelated.0.prompt: ', '[MASK]']],
    ['with an unknown word to expect', probed(PROMPT, 'Xyzzy'), ['probes.unrelated.0.expect: ', '"Xyzzy"']],
    ['with a number to expect', probed(PROMPT, 3), ['probes.unrelated.0.expect: ', '{"id": N}']],
  ])('%s', async (_, content, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', content);
    const run = await runCli(['apply', 'edit.json', '--dry-run'], { cwd });
    expectFailure(run, BAD_INPUT, ['edit.json: ', ...says]);
  });

  test.each<[string, string[], string[]]>([
    [
      'of too few prompts',
      ['--preset', 'dai2022', '--min-prompts', '4'],
      ['fact.prompts: 3 are given', 'ask for 4'],
    ],
    ['a threshold beyond 1', ['--threshold', '1.5'], ['threshold: ', '0 to 1']],
    ['a share that is no number', ['--share', 'x'], ['share: ']],
  ])('with settings that ask for %s', async (_, options, says) => {
    const cwd = temporaryDirectory();
    const { neurons: __, ...located } = EDIT;
    writeInput(cwd, 'edit.json', located);
    expectFailure(await runCli(['apply', 'edit.json', '--dry-run', ...options], { cwd }), BAD_INPUT, says);
  });

  test('that does not exist', async () => {
    expectFailure(await runCli(['apply', 'none.json']), BAD_INPUT, ['none.json: ', 'no such file']);
  });

  test('that would be applied with --base', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    const run = await runCli(['apply', 'edit.json', '--base'], { cwd });
    expectFailure(run, BAD_INPUT, ['--base ignores the ledger', '--dry-run']);
  });

  test('that is a directory', async () => {
    expectFailure(await runCli(['apply', '.']), BAD_INPUT, ['it is a directory']);
  });
});

describe('a fact file', () => {
  test.each<[string, unknown, string[]]>([
    ['with an unknown key', { ...FACT, extra: 1 }, ['unrecognized key', '"extra"']],
    [
      'with a prompt without a mask',
      { ...FACT, prompts: ['Nothing'] },
      ['fact.json: prompts.0: ', 'write [MASK]'],
    ],
    ['with an unknown word', { ...FACT, object: 'Xyzzy' }, ['fact.json: object: ', '"Xyzzy"', 'vocabulary']],
  ])('%s', async (_, content, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'fact.json', content);
    const run = await runCli(['locate', 'fact.json', '--max-generic', '1'], { cwd });
    expectFailure(run, BAD_INPUT, ['fact.json: ', ...says]);
  });
});
