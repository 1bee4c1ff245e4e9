// The manual page says what the commands say, and is one.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manPage } from '../../src/cli/man.js';
import { commandTree } from '../../src/cli/tree.js';
import { version } from '../../src/version.js';

const PAGE = new URL('../../docs/kn-edit.1', import.meta.url).pathname;

test('docs/kn-edit.1 is what the code generates (npm run man)', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(manPage(commandTree(), version()));
});

test('names every command and option', () => {
  const page = readFileSync(PAGE, 'utf8').replaceAll('\\-', '-');
  const visit = ({ name, options, commands }: ReturnType<typeof commandTree>): void => {
    expect(page).toContain(name);
    for (const one of options) expect(page).toContain(`--${one.name}`);
    for (const one of commands) visit(one);
  };
  visit(commandTree());
});

const groff = spawnSync('groff', ['--version']).status === 0;
test.skipIf(!groff)('is read by groff without a warning (groff is here)', () => {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', PAGE], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.length).toBeGreaterThan(1000);
});
