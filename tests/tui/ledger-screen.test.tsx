// The Ledger screen: what it asks of the session, and what it says when the answer is no.

import { expect, onTestFinished, test, vi } from 'vitest';
import { type EditSummary, type ProbeResult, type RestackResult, Session } from '../../src/index.js';
import { measuredEdit } from '../../src/session/outcome.js';
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

test('the question shows the answers that change, and of one that stays how its probability does', async () => {
  const asked = async (token: string, id: number) => {
    const probe = (id: number, token: string, prob: number) =>
      ({ prompt: 'Its capital is [MASK].', top: [{ id, token, prob }] }) as ProbeResult;
    const [was, probes] = [[probe(1, 'Almaty', 0.476)], [probe(id, token, 0.932)]];
    const { type, lastFrame } = screen({ edits: [{ id: 1, name: 'fix-capital', was, probes }] as never }, {});
    await type('r');
    return lastFrame();
  };
  expect(await asked('Almaty', 1)).toContain('"Its capital is [MASK].": Almaty 47.6% → 93.2%');
  expect(await asked('Astana', 2)).toMatch(/": Almaty → Astana *\n/);
});

test('an edit is read for its effect once, however often the screen is drawn', async () => {
  const { type, show } = screen({}, {});
  await type('j', 'k', '/', 'fix', '\r');
  expect(show).toHaveBeenCalledOnce();
});

/** The screen with three edits; nothing is known of their effects. */
function three() {
  const session = new Session();
  onTestFinished(() => session.close());
  vi.spyOn(session, 'show').mockImplementation(() => {
    throw new Error('not in this test');
  });
  const edits: EditSummary[] = [
    { ...EDIT, id: 3, name: 'banana', operation: 'suppress', neurons: 20 },
    { ...EDIT, id: 2, name: 'cherry', status: 'reverted', neurons: 1 },
    { ...EDIT, id: 1, name: 'apple', neurons: 9 },
  ];
  const tell = vi.fn();
  const at = renderAtDesk(<LedgerScreen width={110} height={18} active />, { session, edits, tell });
  const names = () => [...(at.lastFrame() ?? '').matchAll(/banana|cherry|apple/g)].map(([name]) => name);
  return { ...at, session, tell, names };
}

test('edits are sorted by each column in turn, both ways, and found by words', async () => {
  const { type, names } = three();
  await type();
  expect(names()).toEqual(['banana', 'cherry', 'apple']);
  await type('S'); // by id
  expect(names()).toEqual(['apple', 'cherry', 'banana']);
  await type('S'); // by name
  expect(names()).toEqual(['apple', 'banana', 'cherry']);
  await type('R');
  expect(names()).toEqual(['cherry', 'banana', 'apple']);
  await type('/', 'rewrite app', '\r');
  expect(names()).toEqual(['apple']);
});

test('columns are chosen, and those that are shown take the room', async () => {
  const { lastFrame, type } = three();
  await type();
  expect(lastFrame()).toContain('created (UTC)');
  await type('C', '\u001b[C', ' ', '\r'); // to the second of them
  expect(lastFrame()).not.toContain('operation');
  expect(lastFrame()).toContain('vectors');
  await type('C', '\u001b[C', ' ', '\r');
  expect(lastFrame()).toContain('operation');
});

test('two marked edits are compared; a third mark is refused, and none is lost', async () => {
  const { session, tell, type } = three();
  const diff = vi.spyOn(session, 'diff').mockImplementation(() => {
    throw new Error('seen');
  });
  await type('d');
  expect(diff).not.toHaveBeenCalled();
  await type(' ', 'j', ' ', 'd');
  expect(diff).toHaveBeenLastCalledWith(3, 2);
  await type('j', ' ');
  expect(tell).toHaveBeenLastCalledWith(expect.stringMatching(/^two are marked already/), 'bad');
  await type('d');
  expect(diff).toHaveBeenLastCalledWith(3, 2);
  await type('g', ' ', 'G', ' ', 'd');
  expect(diff).toHaveBeenLastCalledWith(2, 1);
});

test('a new search begins with nothing; esc brings the one before back', async () => {
  const { type, names, lastFrame } = three();
  await type('/', 'apple', '\r', '/');
  expect(names()).toEqual(['banana', 'cherry', 'apple']);
  await type('cher');
  expect(names()).toEqual(['cherry']);
  await type('\u001b');
  expect(names()).toContain('apple');
  expect(names()).not.toContain('cherry');
  expect(lastFrame()).toContain('/ apple');
});

test('the neurons of an edit are looked at by its own fact', async () => {
  const session = new Session();
  onTestFinished(() => session.close());
  const fact = { subject: 'Kazakhstan', relation: 'capital', object: 'Astana', prompts: ['[MASK].'] };
  const locate = { share: 0.5 };
  const vector = {
    share: 1,
    meanScore: 0,
    before: undefined,
    after: undefined,
    change: { scale: 1 },
    beforeSha256: '0',
    afterSha256: '1',
  };
  const edit = measuredEdit({
    ...EDIT,
    vectors: [{ at: [3, 133], ...vector }],
    specification: { name: EDIT.name, fact, locate },
    settings: {},
    localizationId: null,
    versions: {},
    outcome: null,
    probes: { before: [], after: [], revert: [], redo: [] },
  });
  vi.spyOn(session, 'show').mockReturnValue(edit);
  const change = vi.fn();
  const screen = <LedgerScreen width={80} height={18} active />;
  const { type } = renderAtDesk(screen, { session, edits: [EDIT], change });
  await type('\r', '\r');
  const looking = { neurons: edit.vectors, at: 0, edit: 1, about: { fact, locate } };
  expect(change).toHaveBeenLastCalledWith({ type: 'look', looking });
});
