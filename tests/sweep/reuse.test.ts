// A fact that a run has located is not located again, whatever is done with it there.
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { SweepOptions } from '../../src/sweep/options.js';
import type { SweepResult } from '../../src/sweep/result.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { failuresIn, resultsIn, smallItems, timelessLines } from './runs.js';

const OPERATIONS: Pick<SweepOptions, 'do' | 'by' | 'operation'>[] = [
  { do: 'suppress' },
  { do: 'suppress', by: 'activation' },
  { do: 'amplify', operation: { factor: 3, neurons: 2 } },
  { do: 'erase', operation: { value: 'unk' } },
  { do: 'edit', operation: { method: 'relative' } },
];

it('comes to the same results as a run that locates it', async () => {
  const items = smallItems(1);
  const [after, afresh] = [join(temporaryDirectory(), 'run'), join(temporaryDirectory(), 'run')];
  await withSession(KN_MINI, async (session) => {
    const sweep = (out: string, options: Pick<SweepOptions, 'do' | 'operation' | 'seeds'>) =>
      session.sweep(items, { out, ...options, locate: { maxGeneric: 1 } });
    await sweep(after, { do: 'locate' });
    for (const each of OPERATIONS) {
      const operation = { ...each, seeds: 2 };
      await sweep(after, operation);
      await sweep(afresh, operation);
      expect(timelessLines(after)).toEqual(timelessLines(afresh));
      const engines = resultsIn(after).map(({ engine }) => engine);
      expect(engines).toEqual(engines.map(() => expect.any(String)));
    }
  });
});

it('takes what lies in the run, but for a solved rewrite, which chooses by scores that are not kept', async () => {
  const items = smallItems(2, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    const sweep = (options: Pick<SweepOptions, 'do' | 'operation' | 'controls'>) =>
      session.sweep(items, { out, ...options, locate: { maxGeneric: 1 } });
    await sweep({ do: 'locate' });
    changeResults(out, (result) => ({
      ...result,
      neurons: [{ layer: 0, neuron: 7, share: 1, meanScore: 1 }],
    }));
    await sweep({ do: 'suppress' });
    expect(resultsIn(out).map(({ effect }) => effect?.changed)).toEqual([[[0, 7]], [[0, 7]]]);
    await sweep({ do: 'edit', operation: { method: 'solve', neurons: 20 } });
    expect(resultsIn(out)[0]?.effect?.changed).not.toContainEqual([0, 7]);
  });
});

/** Changes what a run has kept. */
function changeResults(out: string, change: (result: SweepResult) => SweepResult): void {
  const db = new Database(join(out, 'run.db'));
  const kept = db.prepare('SELECT key, result FROM results').all() as { key: string; result: Buffer }[];
  for (const { key, result } of kept) {
    const changed = JSON.stringify(change(JSON.parse(inflateRawSync(result).toString())));
    db.prepare('UPDATE results SET result = ? WHERE key = ?').run(deflateRawSync(changed), key);
  }
  db.close();
}

it('says of a fact without neurons what a run says that locates it', async () => {
  const items = smallItems(1, ['capital']);
  const [after, afresh] = [join(temporaryDirectory(), 'run'), join(temporaryDirectory(), 'run')];
  const locate = { maxGeneric: 1, threshold: 0.99, share: 1 };
  await withSession(KN_MINI, async (session) => {
    await session.sweep(items, { out: after, do: 'locate', locate });
    expect(resultsIn(after)[0]?.neurons).toEqual([]);
    for (const out of [after, afresh]) await session.sweep(items, { out, do: 'suppress', locate });
  });
  expect(failuresIn(after)).toEqual(failuresIn(afresh));
  expect(failuresIn(after)[0]?.message).toContain('no neuron is shared by enough prompts');
});
