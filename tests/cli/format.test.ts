// Output in the form that is asked for: tables as CSV and Markdown, documents, and nothing beside them.
import { describe, expect, it } from 'vitest';
import { csvTable, markdownTable, type Table } from '../../src/report/table.js';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, FACT, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const probe = ['probe', '--base', '--prompt', PROMPT, '--top', '3'];

describe('a table', () => {
  const table: Table = {
    columns: [{ title: 'word' }, { title: 'share', align: 'right' }, { title: '' }],
    rows: [
      ['a "b", c', { text: '50.0%', value: 0.5 }, '████'],
      ['x|y', '', ''],
    ],
  };
  it('as CSV holds values, quoted where they must be', () => {
    expect(csvTable(table)).toBe('word,share\n"a ""b"", c",0.5\nx|y,');
  });
  it('as Markdown shows what a terminal shows', () => {
    expect(markdownTable(table)).toBe('| word | share |\n| --- | --: |\n| a "b", c | 50.0% |\n| x\\|y |  |');
  });
});

describe('--format', () => {
  it('csv has the numbers of the document, in full', async () => {
    const document = JSON.parse((await runCli([...probe, '--json'])).stdout);
    const { stdout } = await runCli([...probe, '--format', 'csv']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe('rank,answer,prob');
    const top: { token: string; prob: number }[] = document.top;
    expect(rows).toEqual(top.map(({ token, prob }, i) => `${i + 1},${token},${prob}`));
  });

  it('json is --json', async () => {
    expect(await runCli([...probe, '--format', 'json'])).toEqual(await runCli([...probe, '--json']));
    const failure = await runCli(['probe', '--format', 'json']);
    expect(JSON.parse(failure.stdout)).toMatchObject({ error: { code: 'bad-input' } });
  });

  it('is checked before anything is done', async () => {
    expectFailure(await runCli(['export', 'x', '--format', 'csv']), 2, [
      '--format: must be one of table, json',
    ]);
    const both = await runCli([...probe, '--json', '--format', 'md']);
    expect([both.code, JSON.parse(both.stdout).error.message]).toEqual([
      2,
      '--json: is --format json; drop it, or --format md',
    ]);
  });

  it('gives a table of every command that offers it', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    writeInput(cwd, 'fact.json', FACT);
    const apply = ['apply', 'edit.json', '--control', 'none', '--allow-regressions'];
    for (const args of [
      apply,
      ['locate', 'fact.json', '--max-generic', '1'],
      ['attribute', '--prompt', PROMPT, '--target', 'Almaty'],
      ['history'],
      ['show', '1'],
      ['model', 'list'],
      ['background', 'info'],
      ['check', '--edits'],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, '--format', 'md', '--quiet'], { cwd });
      expect([args[0], code, stderr]).toEqual([args[0], 0, '']);
      if (args[0] === 'background') continue; // there is none of this model yet
      expect(stdout.split('\n')[1], args[0]).toMatch(/^\|( -{2,3}:? \|)+$/);
    }
  });
});

describe('--quiet', () => {
  it('leaves notes out, and says what is wrong all the same', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', { ...EDIT, model: 'another-model' });
    const args = ['apply', 'edit.json', '--dry-run', '--control', 'none', '--model', 'kn-mini'];
    expect((await runCli(args, { cwd })).stderr).toMatch(/^note: /);
    expect((await runCli([...args, '--quiet'], { cwd })).stderr).toBe('');
    expectFailure(await runCli(['show', '1', '--quiet'], { cwd }), 2, ['there is no ledger']);
  });
});
