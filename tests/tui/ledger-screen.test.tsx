// The Ledger screen: what it asks of the session, and what it says when the answer is no.

import { expect, onTestFinished, test, vi } from 'vitest';
import { type EditSummary, type RestackResult, Session } from '../../src/index.js';
import { LedgerScreen } from '../../src/tui/screens/ledger.js';
import { renderAtDesk } from '../support/desk.js';

const EDIT: EditSummary = {
  id: 1,
  name: 'fix-capital',
  operation: 'rewrite',
  status: 'applied',
  createdAt: '2026-11-23T07:14:04.000Z',
  revertedAt: null,
  neurons: 9,
  standing: null,
};
const side = { answer: 'euro', answerProb: 0.9, prob: 0.9 };
const LOSS = {
  role: 'edited' as const,
  edit: { id: 7, name: 'fix-currency' },
  prompt: 'Croatia pays in [MASK].',
  expect: 'euro',
  kind: 'top1' as const,
  before: side,
  after: { ...side, answer: 'kuna' },
};
const RESULT: RestackResult = {
  status: 'reverted',
  dryRun: false,
  wouldRefuse: false,
  edits: [],
  replayed: [],
  applied: [],
  isBase: true,
  standings: [],
  regressions: [],
};

/** The screen with one edit; @param plan and `done` are what a dry run and the revert itself come to. */
function screen(plan: Partial<RestackResult>, done: Partial<RestackResult>) {
  const session = new Session();
  onTestFinished(() => session.close());
  const revert = vi.spyOn(session, 'revert');
  revert.mockImplementation(async (_, options) => ({ ...RESULT, ...(options?.dryRun ? plan : done) }));
  const show = vi.spyOn(session, 'show').mockImplementation(() => {
    throw new Error('not in this test');
  });
  const tell = vi.fn();
  const edits = [EDIT];
  const refresh = vi.fn(() => edits);
  const desk = {
    session,
    edits,
    refresh,
    tell,
    run: <T,>(_: string, job: (control: object) => Promise<T>) => job({}),
  };
  return {
    ...renderAtDesk(<LedgerScreen width={80} height={18} active />, desk),
    revert,
    show,
    tell,
    refresh,
  };
}

test('a revert that others lose by only meanwhile is refused, and the ledger is read again', async () => {
  const { type, revert, tell, refresh } = screen({}, { status: 'refused', regressions: [LOSS] });
  await type('r', 'y');
  await vi.waitFor(() =>
    expect(tell).toHaveBeenCalledWith(expect.stringMatching(/^refused: .*edit 7/), 'bad'),
  );
  expect(revert.mock.calls.map(([, options]) => options)).toEqual([
    { dryRun: true },
    { allowRegressions: false },
  ]);
  expect(refresh).toHaveBeenLastCalledWith(true);
});

test('what the question named is allowed', async () => {
  const { type, lastFrame, revert, tell } = screen({ wouldRefuse: true, regressions: [LOSS] }, {});
  await type('r');
  expect(lastFrame()).toContain('Other edits lose by it: edit 7.');
  await type('y');
  await vi.waitFor(() =>
    expect(tell).toHaveBeenCalledWith(expect.stringMatching(/^edit 1 reverted/), 'good'),
  );
  expect(revert.mock.lastCall?.[1]).toEqual({ allowRegressions: true });
});

test('an edit is read for its effect once, however often the screen is drawn', async () => {
  const { type, show } = screen({}, {});
  await type('j', 'k', '/', 'fix', '\r');
  expect(show).toHaveBeenCalledOnce();
});
