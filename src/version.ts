// This program's version. Light: the command line needs it before anything is loaded.
import { readFileSync } from 'node:fs';

export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  if (known && typeof manifest.version === 'string') return manifest.version;
  throw new Error('package.json names no version');
}
