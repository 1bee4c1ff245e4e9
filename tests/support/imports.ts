// Which modules a run of the program loads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from './cli.js';
import { temporaryDirectory } from './temporary.js';

/** To be preloaded; writes to the file that IMPORTS_LOG names. */
export const IMPORT_HOOK = new URL('./log-imports.mjs', import.meta.url).href;

/** The modules that a command loads. */
export async function imports(args: readonly string[], exit = 0): Promise<string> {
  const log = join(temporaryDirectory(), 'imports');
  const { code } = await runCli(args, { env: { NODE_OPTIONS: `--import ${IMPORT_HOOK}`, IMPORTS_LOG: log } });
  expect(code).toBe(exit);
  return modulesIn(log);
}

/** The modules that were loaded; those that the build has put into one file are named by themselves. */
export function modulesIn(log: string): string {
  const contents: Record<string, string[]> = JSON.parse(
    readFileSync(new URL('../../dist/chunks/contents.json', import.meta.url), 'utf8'),
  );
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((url) => contents[url.split('/dist/')[1] ?? ''] ?? [url])
    .join('\n');
}
