// Versions of everything that has a part in an edit, for the record.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Context } from './context.js';

const manifest = z.object({ version: z.string() });

/** This program's version. */
export function version(): string {
  return manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version;
}

export function versions({ pool, model }: Context): Record<string, string> {
  return {
    'kn-edit': version(),
    node: process.versions.node,
    engine: `${pool.engine?.engine ?? 'unknown'} (${pool.engine?.detail ?? ''})`,
    model: `${model.name} ${model.fingerprint}`,
  };
}
