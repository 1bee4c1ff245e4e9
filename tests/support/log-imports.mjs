// Preloaded into the program: writes the address of every module that it resolves to the file named in the environment.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(process.env.IMPORTS_LOG, `${found.url}\n`);
  return found;
}
