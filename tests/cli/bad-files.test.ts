// What the command line says to edit and fact files that it cannot use: file, field and fix.
import { describe, expect, test } from 'vitest';
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
  const rewrites = (method: string) => ({ type: 'rewrite', to: 'Astana', method });
  const { operation: _, ...nothingToDo } = EDIT;

  test.each<[string, unknown, string[]]>([
    ['that is empty', '', ['not valid JSON']],
    ['that is a list', [], ['must be an object, not a list']],
    [
      'with an unknown field',
      { ...EDIT, tolerence: {} },
      ['unknown field "tolerence"; did you mean "tolerance"?'],
    ],
    [
      'with an unknown field inside',
      { ...EDIT, fact: { ...FACT, extra: 1 } },
      ['fact: unknown field "extra"; the fields here are '],
    ],
    [
      'with a misspelt fact',
      { ...nothingToDo, fact: undefined, facts: FACT },
      [
        '3 faults: (1) fact: is missing (2) operation: is missing ',
        '(3) unknown field "facts"; did you mean "fact"?',
      ],
    ],
    [
      'with many faults',
      {
        ...EDIT,
        name: 3,
        fact: { ...FACT, object: 7, prompts: PROMPT },
        author: '',
        operation: rewrites('x'),
      },
      [
        '5 faults: ',
        ') name: must be text, not a number',
        ') author: must not be empty',
        ') fact.object: must be a word, or {"id": N}',
        ') fact.prompts: must be a list, not text',
        ') operation.method: must be one of relative, absolute, solve',
      ],
    ],
    ['with a hundred faults', { ...EDIT, neurons: Array(100).fill([-1]) }, ['(10) neurons.', ' … and ']],
    ['with a trailing comma', '{\n "name": "x",\n}', ['line 3, column 1: a comma before "}"; remove it']],
    ['with a trailing comma in a list', '[1, 2, ]', ['line 1, column 8: a comma before "]"; remove it']],
    ['with a comment', '{\n // why\n}', ['line 2, column 2: a comment; JSON has none, remove it']],
    ['with single quotes', "{'name': 'x'}", ["line 1, column 2: 'name'", 'straight double quotes']],
    ['with names without quotes', '{name: 1}', ['line 1, column 2: "name" is no JSON']],
    ['with a value of Python', '{"name": None}', ['line 1, column 10: "None" is no JSON']],
    ['that lacks a comma', '{"a": 1\n "b": 2}', ['line 2, column 2: a comma is missing before "b"']],
    ['that is cut off', '{"a": [1, 2', ['line 1, column 12: a "]" is missing']],
    ['with a line break in a text', '{"a": "x\ny"}', ['line 1, column 7: ', 'written \\n']],
    ['with an escape that is none', '{"a": "C:\\Users"}', ['a backslash is written \\\\']],
    ['that is nested without end', '['.repeat(1e6), ['not valid JSON: ']],
    [
      'in Latin-1',
      Buffer.from('{\n "name": "Zürich"}', 'latin1'),
      ['is not UTF-8 (line 2)', 'save it as UTF-8'],
    ],
    ['in UTF-16', Buffer.from('\ufeff{}', 'utf16le'), ['is in UTF-16, not UTF-8']],
    ['in UTF-16 without a mark', Buffer.from('{}', 'utf16le'), ['is in UTF-16, not UTF-8']],
    ['without an operation', nothingToDo, ['operation: is missing']],
    ['with an unknown operation', operation({ type: 'explode' }), ['unknown operation', 'one of suppress']],
    ['with a misspelt operation', operation({ type: 'rewite' }), ['; did you mean "rewrite"?']],
    ['with an operation of no type', operation({}), ['operation.type: is missing; one of suppress']],
    ['without a factor', operation({ type: 'scale' }), ['operation.factor: is missing']],
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
    ['without a new answer', operation({ type: 'rewrite' }), ['operation.to: is missing']],
    ['with an unknown method', rewrite({ method: 'magic' }), ['operation.method: ', 'solve']],
    [
      'with options of two methods',
      rewrite({ lambdaNew: 8 }),
      ['operation.lambdaNew: ', 'goes with method "relative" or "absolute" alone', 'remove it'],
    ],
    ['with an id out of range', rewrite({ to: { id: 1433 } }), ['operation.to: ', '1433', '0 to 1432']],
    [
      'with a new answer of so many tokens that a prompt has no room for them',
      rewrite({ to: 'Paris '.repeat(40).trim() }),
      ['operation.to: ', 'tokens with an answer of 40', 'at most 32'],
    ],
    [
      'with a new answer that ends with a blank',
      rewrite({ to: 'Astana ' }),
      ['operation.to: ', 'ends with a blank'],
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
    [
      'with a number of neurons beside neurons',
      { ...EDIT, operation: { type: 'suppress', neurons: 2 } },
      ['operation.neurons: stands beside "neurons"'],
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

  test('with a byte order mark, an author, a description and an id is read as without', async () => {
    const cwd = temporaryDirectory();
    const notes = { id: 7, author: 'A. N. Author', description: 'Kazakhstan moved its capital.' };
    const edit = { ...EDIT, ...notes, fact: { ...FACT, ...notes, id: 'kz-1' } };
    writeInput(cwd, 'edit.json', `\ufeff${JSON.stringify(edit)}`);
    const run = await runCli(['apply', 'edit.json', '--dry-run', '--control', 'none'], { cwd });
    expect(run).toMatchObject({ code: 0, stderr: '' });
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
    ['with an unknown field', { ...FACT, extra: 1 }, ['unknown field "extra"']],
    [
      'that is an edit with a misspelt fact',
      { ...EDIT, fact: undefined, facts: FACT },
      ['fact: is missing', 'unknown field "facts"; did you mean "fact"?'],
    ],
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
