// The examples in edits/ really run, and editors complete them from a schema that matches the code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJsonSchema, readEdit, Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.js';

const EDITS = new URL('../../edits/', import.meta.url).pathname;
const files = readdirSync(EDITS).sort();

it('every example is applied without a regression, does what it says, and is taken back', async () => {
  const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
  const operations = new Set<string>();
  for (const file of files) {
    const result = await session.apply(readEdit(join(EDITS, file)));
    expect([file, result.status, result.regressions]).toEqual([file, 'applied', []]);
    operations.add(result.operation);
    const [target] = result.metrics.roles;
    if (result.operation === 'rewrite') expect(target?.newTop1After).toBe(1);
    else if (result.operation === 'amplify')
      expect(target?.probAfter).toBeGreaterThan(1.5 * (target?.probBefore ?? 1));
    else expect(target?.probAfter).toBeLessThan(0.6 * (target?.probBefore ?? 0));
    const { edits: reverted } = await session.revert('last');
    expect(reverted[0]?.maxDifference).toBe(0);
    expect(reverted[0]?.vectors.every(({ matches }) => matches)).toBe(true);
  }
  expect(operations).toEqual(new Set(['rewrite', 'suppress', 'amplify', 'erase']));
  await session.close();
});

it('fixtures/edit.schema.json is what the code generates (npm run schema)', () => {
  const path = new URL('../../fixtures/edit.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(editJsonSchema());
});
