// The examples for a pretrained language model really run.
import { join } from 'node:path';
import { Session } from 'kn-edit';
import { it } from 'vitest';
import { examples, tryExample } from '../support/examples.js';
import { describeSmolLm2 } from '../support/smollm2.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Milliseconds that an edit may take on a slow machine without a BLAS. */
const SLOW = 600_000;

describeSmolLm2((model) => {
  it.each(examples('smollm2'))('%s', { timeout: SLOW }, async (path) => {
    const session = new Session({ model, db: join(temporaryDirectory(), 'ledger.db') });
    try {
      await tryExample(session, path);
    } finally {
      await session.close();
    }
  });
});
