// Words for things that have no name of their own.
import { SPACE } from '../lm/space.js';
import type { Role } from '../probe/results.js';
import type { Operation, TargetSpec } from '../spec/edit-file.js';
import type { NoiseSettings } from '../spec/noise.js';
import type { LocateSettings } from '../spec/settings.js';
import { scientific } from './numbers.js';
import { printable } from './style.js';

/** An object: its word, or its token id. */
export function targetText(target: TargetSpec): string {
  return typeof target === 'string' ? printable(target) : `token ${target.id}`;
}

/** A token as the word that it begins, without the sign of the blank before it. */
export function plainWord(token: string): string {
  return token.replace(SPACE, '').trim();
}

/** An operation in a few words: "rewrite to Astana (solve)". */
export function operationText(operation: Operation): string {
  switch (operation.type) {
    case 'suppress':
      return 'suppress';
    case 'amplify':
    case 'scale':
      return `${operation.type} × ${operation.factor}`;
    case 'erase':
      return `erase to ${operation.value}`;
    case 'rewrite': {
      const { to, method } = operation;
      return `rewrite to ${targetText(to)}${method ? ` (${method})` : ''}`;
    }
  }
}

/** How score maps are computed: "adaptive to 1.0e-3, site post, path plain". */
export function ruleText({ rule, steps, tolerance, site, path, noise }: LocateSettings): string {
  const accuracy = rule === 'adaptive' ? `adaptive to ${scientific(tolerance)}` : `${rule} ${steps}`;
  return [accuracy, `site ${site}`, `path ${path}`, ...(noise ? [noiseText(noise)] : [])].join(', ');
}

/** "noisegrad, sigma 0.2, samples 10, seed 1" */
function noiseText({ method, ...numbers }: NoiseSettings): string {
  return [method, ...Object.entries(numbers).map(([name, value]) => `${name} ${value}`)].join(', ');
}

const ROLES: Record<Role | 'edited', string> = {
  target: 'target',
  paraphrase: 'paraphrase',
  neighborhood: 'neighbourhood',
  unrelated: 'unrelated',
  edited: 'edited',
};

/** A role as it is written on screen; files and JSON keep `neighborhood`. */
export function roleText(role: keyof typeof ROLES): string {
  return ROLES[role];
}
