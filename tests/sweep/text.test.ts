// Of one of many edits, perplexity is measured on a part of the text.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { editSchema } from '../../src/spec/edit-file.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems } from './runs.js';

it('on as many tokens as are wanted, and on all of them as apply does', async () => {
  const items = smallItems(1, ['capital']);
  const locate = { maxGeneric: 1 };
  await withSession(KN_MINI, async (session) => {
    const measured = async (text: number) => {
      const out = join(temporaryDirectory(), 'run');
      await session.sweep(items, { out, do: 'suppress', controls: 0, text, locate });
      return resultsIn(out)[0]?.effect?.perplexity ?? undefined;
    };
    const [part, all] = [await measured(40), await measured(1_000_000)];
    expect(part?.tokens).toBeGreaterThan(0);
    expect(part?.tokens).toBeLessThan(60); // a masked model is asked for some of those that it reads
    expect(all?.tokens).toBeGreaterThan(60);
    const { fact } = items[0] as (typeof items)[number];
    const edit = editSchema.parse({ name: 'one', fact, operation: { type: 'suppress' } });
    const { perplexity } = await session.apply(edit, { dryRun: true, control: 'none', locate });
    expect(all?.tokens).toBe(perplexity?.tokens);
    expect(all?.before).toBeCloseTo(perplexity?.before ?? Number.NaN, 3);
    expect(all?.after).toBeCloseTo(perplexity?.after ?? Number.NaN, 3);
  });
});
