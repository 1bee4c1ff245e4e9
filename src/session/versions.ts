// Versions of everything that has a part in an edit, for the record.
import { version } from '../version.js';
import type { Context } from './context.js';

export function versions({ pool, model }: Context): Record<string, string> {
  return {
    'kn-edit': version(),
    node: process.versions.node,
    engine: `${pool.engine?.engine ?? 'unknown'} (${pool.engine?.detail ?? ''})`,
    model: `${model.name} ${model.fingerprint}`,
  };
}
