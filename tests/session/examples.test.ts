// The examples in edits/ really run, and editors complete them from a schema that matches the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJsonSchema, Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { examples, tryExample } from '../support/examples.js';
import { temporaryDirectory } from '../support/temporary.js';

it('every example is applied without a regression, does what it says, and is taken back', async () => {
  const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
  const operations = new Set<string>();
  for (const path of examples()) operations.add(await tryExample(session, path));
  expect(operations).toEqual(new Set(['rewrite', 'suppress', 'amplify', 'erase']));
  await session.close();
});

it('fixtures/edit.schema.json is what the code generates (npm run schema)', () => {
  const path = new URL('../../fixtures/edit.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(editJsonSchema());
});
