// A trial that ends before it is whole: it is said to be stopped, or is gone where it cannot be taken up again.
import { useCallback, useReducer } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EditSummary, type ModelInfo, Session } from '../../src/index.js';
import { draftEdit } from '../../src/spec/edit-file.js';
import { type Bench, changeBench, EMPTY, type Trial } from '../../src/tui/bench.js';
import { useTrials } from '../../src/tui/hooks/use-trials.js';
import type { Run } from '../../src/tui/hooks/use-work.js';
import { Text } from '../../src/tui/ink.js';
import { renderAtDesk } from '../support/desk.js';

const fact = { subject: 'France', relation: 'capital', object: 'Paris', prompts: ['[MASK] of France.'] };
const neurons: [number, number][] = [[3, 7]];
const BENCH = [
  { type: 'open', edit: { ...draftEdit(fact), operation: { type: 'suppress' }, neurons } },
  { type: 'chosen', neurons: [{ layer: 3, neuron: 7, share: 1, meanScore: 0 }] },
  { type: 'go', step: 'operate' },
] as const;
const MODEL = { fingerprint: 'f' } as ModelInfo;
const NO_EDITS: EditSummary[] = [];

/** Tries the edit; it is measured, and then stopped. @param found what the ledger holds by then */
async function interrupted(found: () => EditSummary[]): Promise<{ tried: readonly Trial[] }> {
  const session = new Session();
  onTestFinished(() => session.close());
  vi.spyOn(session, 'history').mockImplementation(found);
  const apply = vi.spyOn(session, 'apply').mockImplementation(async (_, __, control) => {
    control?.onMeasured?.([], []);
    throw new Error('stopped');
  });
  const seen: { tried: readonly Trial[] } = { tried: [] };
  function Try() {
    const start: Bench = BENCH.reduce(changeBench, EMPTY);
    const [bench, change] = useReducer(changeBench, start);
    const run: Run = useCallback(
      (_, job) => job({ signal: new AbortController().signal }).catch(() => undefined),
      [],
    );
    const shared = { session, model: MODEL, edits: NO_EDITS, located: undefined, run };
    seen.tried = useTrials({ bench, change, ...shared }).tried;
    return <Text>tried</Text>;
  }
  renderAtDesk(<Try />);
  await vi.waitFor(() => expect(apply).toHaveBeenCalled());
  await vi.waitFor(() => expect(seen.tried.some(({ stopped }) => !stopped)).toBe(false));
  return seen;
}

test('one that was stopped stays, and says so', async () => {
  const seen = await interrupted(() => []);
  await vi.waitFor(() => expect(seen.tried).toMatchObject([{ stopped: true, result: undefined }]));
});

test('one is gone when another program changed the ledger meanwhile, or it cannot be read', async () => {
  const other = { id: 1, status: 'applied' } as EditSummary;
  expect((await interrupted(() => [other])).tried).toEqual([]);
  const unread = await interrupted(() => {
    throw new Error('no ledger');
  });
  expect(unread.tried).toEqual([]);
});
