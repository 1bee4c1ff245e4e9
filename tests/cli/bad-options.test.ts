// What the command line says to options that are missing, repeated or out of range.
import { describe, expect, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { PROMPT } from '../support/files.js';

const BAD_INPUT = 2;

describe('options', () => {
  const probe = ['probe', '--prompt', PROMPT];
  const attribute = ['attribute', '--prompt', PROMPT, '--target', 'Almaty'];
  test.each<[string, string[], string[]]>([
    ['an unknown command', ['frobnicate'], ['Unknown command', 'frobnicate', 'kn-edit --help']],
    ['an unknown option', [...probe, '--frobnicate'], ['Unknown argument', 'frobnicate']],
    ['an argument too many', [...probe, 'extra'], ['extra', 'kn-edit --help']],
    ['an argument too few', ['apply'], ['kn-edit --help']],
    ['no prompt', ['probe'], ['prompt', 'kn-edit --help']],
    ['an option without its value', ['probe', '--prompt'], ['prompt', 'kn-edit --help']],
    ['a number without its value', [...probe, '--top'], ['top', 'kn-edit --help']],
    ['an unknown engine', [...probe, '--engine', 'quantum'], ['engine', 'quantum', 'wasm']],
    ['no workers', [...probe, '--workers', '0'], ['--workers', 'whole number from 1']],
    ['workers that are no number', [...probe, '--workers', 'all'], ['--workers', 'whole number from 1']],
    ['a top of 0', [...probe, '--top', '0'], ['--top', 'whole number from 1']],
    ['a top of 2.5', [...probe, '--top', '2.5'], ['--top', 'whole number from 1']],
    ['a top that is no number', [...probe, '--top', 'many'], ['--top', 'whole number from 1']],
    ['no target', ['attribute', '--prompt', PROMPT], ['--target', '--target-id']],
    ['two targets', [...attribute, '--target-id', '3'], ['target', 'target-id']],
    ['a negative target id', [...probe, '--target-id=-1'], ['--target-id', 'whole number from 0']],
    ['a target id that is no number', [...probe, '--target-id', 'x'], ['--target-id', 'whole number from 0']],
    ['a target id out of range', [...probe, '--target-id', '1433'], ['--target-id', '1433', '0 to 1432']],
    [
      'a target of so many tokens that the prompt has no room for them',
      [...probe, '--target', 'Astana '.repeat(40)],
      ['--prompt', '48 tokens with an answer of 40', 'at most 32'],
    ],
    ['an unknown target', [...probe, '--target', 'Atlantis'], ['--target', '"Atlantis"', 'vocabulary']],
    [
      'a prompt that is too long',
      ['probe', '--prompt', `${'the '.repeat(40)}[MASK]`],
      ['--prompt', '43 tokens', 'at most 32'],
    ],
    ['an empty target', [...probe, '--target', ''], ['--target', 'empty']],
    ['a prompt without a mask', ['probe', '--prompt', 'Nothing'], ['--prompt', '"Nothing"', 'write [MASK]']],
    ['no steps at all', [...attribute, '--steps', '0'], ['--steps']],
    ['a tolerance that is no number', [...attribute, '--tolerance', 'low'], ['--tolerance', 'number']],
    ['nothing to revert', ['revert'], ['ID', '--last', '--all']],
    ['an edit 0', ['revert', '0'], ['ID', 'number of an edit']],
    ['two things to revert', ['revert', '1', '--last'], ['ID', '--last', '--all']],
    ['an id that is no number', ['show', 'first'], ['ID', 'kn-edit history']],
  ])('%s', async (_, args, says) => {
    expectFailure(await runCli(args), BAD_INPUT, says);
  });

  test.each(['prompt', 'target', 'top', 'model', 'db'])('--%s given twice', async (name) => {
    const once = [`--${name}`, '3'];
    const prompt = name === 'prompt' ? [] : ['--prompt', PROMPT];
    expectFailure(await runCli(['probe', ...prompt, ...once, ...once]), BAD_INPUT, [`--${name}`]);
  });
});

describe('a failure', () => {
  test('is a document with --json=true, too', async () => {
    const { code, stdout, stderr } = await runCli(['history', '--json=true', '--frob']);
    expect({ code, stderr }).toEqual({ code: BAD_INPUT, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'bad-input', message: expect.stringContaining('frob') },
    });
  });

  test.each([
    ['', [], /^kn-edit: none\.json: [^\n]+\n(.*\n)*\s+at /],
    [' and --json', ['--json'], /\n\s+at /],
  ])('has its stack trace on stderr with --verbose%s', async (_, options, expected) => {
    const { code, stdout, stderr } = await runCli(['apply', 'none.json', '--verbose', ...options]);
    expect(code).toBe(BAD_INPUT);
    expect(stderr).toMatch(expected);
    expect(stdout.split('\n')).toHaveLength(1 + options.length);
  });
});
