// What the command line says to options that are missing, repeated or out of range.
import { describe, expect, test } from 'vitest';
import { expectFailure, ROOT, runCli } from '../support/cli.js';
import { PROMPT } from '../support/files.js';

const BAD_INPUT = 2;

describe('options', () => {
  const probe = ['probe', '--prompt', PROMPT];
  const attribute = ['attribute', '--prompt', PROMPT, '--target', 'Almaty'];
  test.each<[string, string[], string[]]>([
    ['an unknown command', ['frobnicate'], ['unknown command "frobnicate"; see kn-edit --help']],
    [
      'a misspelt command',
      ['aply', 'x'],
      ['unknown command "aply"; did you mean "apply"? see kn-edit --help'],
    ],
    [
      'an unknown command of a command',
      ['suite', 'mak'],
      ['unknown command "suite mak"; did you mean "make"? see kn-edit suite --help'],
    ],
    [
      'a misspelt command where a file may stand',
      ['sweep', 'reprot', 'RUN'],
      ['"reprot" is no file, and no command of sweep; did you mean "report"? see kn-edit sweep --help'],
    ],
    [
      'a file where a command may stand',
      ['sweep', `${ROOT}fixtures/kn-mini/facts.json`],
      ['--out: is missing; see kn-edit sweep --help'],
    ],
    [
      'an argument too few of a command of a command',
      ['sweep', 'report'],
      ['an argument is missing: kn-edit sweep report <run>; see kn-edit sweep --help'],
    ],
    [
      'an unknown option',
      [...probe, '--frobnicate'],
      ['unknown option --frobnicate; see kn-edit probe --help'],
    ],
    ['a misspelt option', ['probe', '--promt', PROMPT], ['unknown option --promt; did you mean "--prompt"?']],
    ['a misspelt flag', ['revert', '1', '--dryrun'], ['unknown option --dryrun; did you mean "--dry-run"?']],
    ['a misspelt common option', ['history', '--jsno'], ['unknown option --jsno; did you mean "--json"?']],
    ['an unknown short option', ['history', '-x'], ['unknown option -x']],
    ['an option that is denied', [...probe, '--no-prompt'], ['unknown option --no-prompt']],
    ['a part of an option', [...probe, '--db.x', 'y'], ['unknown option --db.x']],
    ['an argument too many', [...probe, 'extra'], ['unexpected argument "extra"; see kn-edit probe --help']],
    ['an id too many', ['diff', '1', '2', '3'], ['unexpected argument "3"; see kn-edit diff --help']],
    [
      'an argument too few',
      ['apply'],
      ['an argument is missing: kn-edit apply <edit> [more..]; see kn-edit apply --help'],
    ],
    ['no prompt', ['probe'], ['--prompt: is missing; see kn-edit probe --help']],
    ['an option without its value', ['probe', '--prompt'], ['--prompt: its value is missing']],
    [
      'an option for a value',
      ['probe', '--prompt', '--target', 'Astana'],
      ['--prompt: its value is missing; if --target is the value, write --prompt=--target'],
    ],
    ['a number without its value', [...probe, '--top'], ['--top: its value is missing']],
    [
      'an unknown engine',
      [...probe, '--engine', 'tensorflw'],
      ['--engine: must be one of auto, tensorflow-gpu, ', 'did you mean "tensorflow"?'],
    ],
    ['an engine without its value', [...probe, '--engine'], ['--engine: its value is missing']],
    ['no workers', [...probe, '--workers', '0'], ['--workers', 'whole number from 1']],
    ['workers that are no number', [...probe, '--workers', 'all'], ['--workers', 'whole number from 1']],
    [
      'too many doses',
      ['apply', `${ROOT}edits/fix-capital.json`, '--dose', Array(51).fill('1').join()],
      ['--dose', '51 values', 'at most 50'],
    ],
    ['a top of 0', [...probe, '--top', '0'], ['--top', 'whole number from 1']],
    ['a top of 2.5', [...probe, '--top', '2.5'], ['--top', 'whole number from 1']],
    ['a top that is no number', [...probe, '--top', 'many'], ['--top', 'whole number from 1']],
    ['no target', ['attribute', '--prompt', PROMPT], ['--target', '--target-id']],
    ['an unknown path', [...attribute, '--path', 'winding'], ['--path: must be one of frozen-norm, plain;']],
    [
      'a path for which the model lacks the norm',
      [...attribute, '--path', 'frozen-norm'],
      [
        "locate.path: frozen-norm is for models with a norm on the FFN's output alone, which bert does not have",
      ],
    ],
    ['two targets', [...attribute, '--target-id', '3'], ['target', 'target-id']],
    ['a negative target id', [...probe, '--target-id=-1'], ['--target-id', 'whole number from 0']],
    ['a target id that is no number', [...probe, '--target-id', 'x'], ['--target-id', 'whole number from 0']],
    ['a target id out of range', [...probe, '--target-id', '1433'], ['--target-id', '1433', '0 to 1432']],
    [
      'a target of so many tokens that the prompt has no room for them',
      [...probe, '--target', 'Astana '.repeat(40).trim()],
      ['--prompt', '48 tokens with an answer of 40', 'at most 32'],
    ],
    ['an unknown target', [...probe, '--target', 'Atlantis'], ['--target', '"Atlantis"', 'vocabulary']],
    [
      'a prompt that is too long',
      ['probe', '--prompt', `${'the '.repeat(40)}[MASK]`],
      ['--prompt', '43 tokens', 'at most 32'],
    ],
    [
      'a target that begins with dashes',
      [...probe, '--target', '--x'],
      ['--target: target "--x": is not in'],
    ],
    [
      'a target with a blank at its end',
      [...probe, '--target', 'Astana '],
      ['--target', 'ends with a blank'],
    ],
    ['an empty target', [...probe, '--target', ''], ['--target', 'empty']],
    ['a prompt without a mask', ['probe', '--prompt', 'Nothing'], ['--prompt', '"Nothing"', 'write [MASK]']],
    ['no steps at all', [...attribute, '--steps', '0'], ['--steps']],
    ['a tolerance that is no number', [...attribute, '--tolerance', 'low'], ['--tolerance', 'number']],
    ['nothing to revert', ['revert'], ['ID', '--last', '--all']],
    ['an edit 0', ['revert', '0'], ['ID', 'number of an edit']],
    ['two ids of which one is none', ['revert', '1', 'x'], ['ID', 'number of an edit']],
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

  test('of the terminal UI to print a document is one', async () => {
    const { code, stdout, stderr } = await runCli(['tui', '--json']);
    expect({ code, stderr }).toEqual({ code: BAD_INPUT, stderr: '' });
    expect(JSON.parse(stdout).error.message).toMatch(/^--json: the terminal UI prints no document/);
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
