// "-" where a file is expected: standard input where that can be, one line where it cannot.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectFailure, MAIN, runCli } from '../support/cli.js';
import { EDIT, FACT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

const SUITE = { name: 's', probes: [{ prompt: 'The capital of France is [MASK].', expect: 'Paris' }] };

describe('standard input', () => {
  it.each<[string, string[], object, object]>([
    ['an edit', ['apply', '-', '--control', 'none'], EDIT, { status: 'applied', name: EDIT.name }],
    ['a fact', ['locate', '-', '--max-generic', '1'], FACT, { fact: { subject: FACT.subject } }],
    ['a suite', ['check', '-'], SUITE, { passed: 1, failed: 0 }],
  ])('is %s', async (_, args, content, expected) => {
    const input = JSON.stringify(content);
    const { code, stdout, stderr } = await runCli([...args, '--json'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  it('is called by its name when it is faulty', async () => {
    const edit = { ...EDIT, fact: { ...FACT, prompts: ['Nothing'] } };
    const bad = await runCli(['apply', '-'], { input: JSON.stringify(edit) });
    expectFailure(bad, 2, ['standard input: fact.prompts.0: ', 'write [MASK]']);
    expectFailure(await runCli(['apply', '-'], { input: '{,}' }), 2, [
      'standard input: not valid JSON: line 1',
    ]);
    expectFailure(await runCli(['locate', '-'], { input: '' }), 2, ['standard input: ', 'is empty']);
  });

  it('that is a terminal is not waited for', async () => {
    const terminal = new Terminal(['apply', '-'], { cwd: temporaryDirectory() });
    try {
      expect(await terminal.ended()).toBe(2);
      expect(terminal.output).toContain('standard input: is this terminal; give a file');
    } finally {
      terminal.close();
    }
  });

  it('that never comes can be interrupted', async () => {
    const child = spawn(process.execPath, [MAIN, 'apply', '-'], { cwd: temporaryDirectory() });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const more = ' '.repeat(1e6); // than a pipe holds: it is taken once somebody reads
    await new Promise((taken) => child.stdin.write(more, taken));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(stderr).toBe('kn-edit: interrupted; nothing was changed\n');
  });
});

describe('"-"', () => {
  it.each<[string[], string]>([
    [['export', '-'], 'destination'],
    [['model', 'info', '-'], 'name'],
    [['model', 'pull', '-'], 'name'],
    [['patch', 'show', '-'], 'file'],
    [['patch', 'apply', '-'], 'file'],
    [['patch', 'export', '1', '--out', '-'], '--out'],
    [['suite', 'make', '--out', '-'], '--out'],
    [['history', '--db', '-'], '--db'],
    [['probe', '--prompt', 'x [MASK]', '--model', '-'], '--model'],
  ])('cannot be what %j takes', async (args, label) => {
    const cwd = temporaryDirectory();
    expectFailure(await runCli(args, { cwd }), 2, [`${label}: "-" is standard input or output`, './-']);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('cannot be two files at once', async () => {
    const run = await runCli(['neuron', '1:1', '--fact', '-', '--edit', '-']);
    expectFailure(run, 2, ['--edit: standard input is the fact already']);
  });

  it('is a file when it is called ./-', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, '-', EDIT);
    const run = await runCli(['apply', './-', '--dry-run', '--control', 'none'], { cwd });
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });
});
