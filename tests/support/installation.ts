// A second installation of the built program, for tests that put something of their own beside it.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cli.js';
import { temporaryDirectory } from './temporary.js';

/** @returns the root of an installation that has `code` in the place of the native package */
export function installationWith(code: string): string {
  const root = temporaryDirectory();
  cpSync(join(ROOT, 'dist'), join(root, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'fixtures', 'package.json']) {
    symlinkSync(join(ROOT, name), join(root, name));
  }
  const native = join(root, '.kn-edit/tensorflow/node_modules/@tensorflow/tfjs-node');
  mkdirSync(native, { recursive: true });
  writeFileSync(join(native, 'package.json'), '{"version":"0.0.0"}');
  writeFileSync(join(native, 'index.js'), code);
  return root;
}

/**
 * Puts other code in the place of a function that a module of an installation exports.
 * @param module its path in dist/
 * @param body of the function: it may await, where the function does, and call `original`; its arguments are `args`
 */
export function replaceFunction(root: string, module: string, name: string, body: string): void {
  const path = join(root, 'dist', module);
  const code = readFileSync(path, 'utf8');
  const head = new RegExp(`export (async )?function ${name}\\(`);
  const async = head.exec(code)?.[1] ?? '';
  const renamed = code.replace(head, `${async}function original(`);
  writeFileSync(path, `${renamed}\nexport ${async}function ${name}(...args) {\n${body}\n}\n`);
}
