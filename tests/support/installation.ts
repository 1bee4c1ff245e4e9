// A second installation of the built program, for tests that put something of their own beside it.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
 * Puts other code in the place of a function, wherever the build has put it.
 * @param body of the function: it may await, where the function does; `original` is the function, `args` what it is given
 * @throws Error when there is no such function
 */
export function replaceFunction(root: string, name: string, body: string): void {
  const dist = join(root, 'dist');
  const head = new RegExp(`(export )?(async )?\\bfunction ${name}\\(`);
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const found = files.filter((file) => {
    const path = join(dist, file);
    const code = readFileSync(path, 'utf8');
    const [match, exported = '', asynchronous = ''] = head.exec(code) ?? [];
    if (match === undefined) return false;
    const renamed = code.replace(match, `${asynchronous}function original_${name}(`);
    const replacement = `function ${name}(...args) {\nconst original = original_${name};\n${body}\n}`;
    writeFileSync(path, `${renamed}\n${exported}${asynchronous}${replacement}\n`);
    return true;
  });
  if (found.length === 0) throw new Error(`there is no function ${name}`);
}
