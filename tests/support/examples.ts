// The examples in edits/: which they are, and what must be true of each.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readEdit, type Session } from 'kn-edit';
import { expect } from 'vitest';

const EDITS = new URL('../../edits/', import.meta.url).pathname;

/** Paths of the examples for the embedded model, or for the one that a folder of edits/ is called after. */
export function examples(folder = ''): string[] {
  const directory = join(EDITS, folder);
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(directory, name));
}

/** Applies an example, which must break nothing and do what it says, and takes it back, bit for bit. @returns its operation */
export async function tryExample(session: Session, path: string): Promise<string> {
  const result = await session.apply(readEdit(path));
  expect([path, result.status, result.regressions]).toEqual([path, 'applied', []]);
  const [target] = result.metrics.roles;
  if (result.operation === 'rewrite') expect(target?.newTop1After).toBe(1);
  else if (result.operation === 'amplify')
    expect((target?.probAfter ?? 0) / (target?.probBefore ?? 1)).toBeGreaterThan(1.2);
  else expect(target?.probAfter).toBeLessThan(0.6 * (target?.probBefore ?? 0));
  const { edits: reverted } = await session.revert('last');
  expect(reverted[0]?.maxDifference).toBe(0);
  expect(reverted[0]?.vectors.every(({ matches }) => matches)).toBe(true);
  return result.operation;
}
