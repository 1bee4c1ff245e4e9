// docs/library.md: its examples run as they stand, it names every public method, and these do with what they must be given.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/cli.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const PAGE = readFileSync(join(ROOT, 'docs', 'library.md'), 'utf8');
/** Each with the title that it stands under. */
const examples = PAGE.split(/^## /m).flatMap((part, i) => {
  const title = i === 0 ? 'at its start' : part.split('\n', 1).join();
  return [...part.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => [title, code] as const);
});

describe('examples', () => {
  it.each(examples)('%s', { timeout: 600_000 }, (_, code) => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'node_modules'));
    symlinkSync(ROOT, join(cwd, 'node_modules', 'kn-edit'));
    symlinkSync(join(ROOT, 'edits'), join(cwd, 'edits'));
    writeFileSync(join(cwd, 'example.mjs'), transformSync(code, { loader: 'ts', format: 'esm' }).code);
    const { KN_EDIT_DB: _1, ...env } = process.env;
    const said = execFileSync(process.execPath, ['example.mjs'], { cwd, env, encoding: 'utf8' });
    expect(said).not.toBe('');
  });
});

it('every public method and property is named', () => {
  const types = readFileSync(join(ROOT, 'dist', 'session', 'session.d.ts'), 'utf8');
  const body = types.slice(types.indexOf('export declare class Session'));
  const names = [...body.matchAll(/^ {4}(?:get )?(\w+)\(/gm)].flatMap(([, name]) => name ?? []);
  expect(names.length).toBeGreaterThan(30);
  for (const name of names.filter((one) => one !== 'constructor'))
    expect(PAGE).toMatch(new RegExp(`\\b${name}\\b`));
});

it('what need not be given has a default that works', async () => {
  await withSession('kn-mini', async (session) => {
    const { neurons } = await session.locate({
      subject: 'France',
      relation: 'capital',
      object: 'Paris',
      prompts: ['The capital of France is [MASK].'],
    });
    const [words] = await session.promoted(neurons.slice(0, 1));
    expect(words).toHaveLength(10);
    expect((await session.drawSuite()).probes).toHaveLength(100);
    expect(session.resolve()).toMatchObject({ rule: 'adaptive' });
  });
});
