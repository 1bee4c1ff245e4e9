// Step 5: every edit that was ever made, what it did, and the way back.
import { useMemo, useState } from 'react';
import { errorData } from '../../errors.js';
import type {
  EditDiff,
  EditSummary,
  MeasuredEdit,
  ProbeResult,
  RestackOptions,
  RestackResult,
  Session,
} from '../../index.js';
import { diffReport } from '../../report/diff.js';
import { standingCell, statusText, when } from '../../report/history.js';
import { percent, plural, points } from '../../report/numbers.js';
import type { Page } from '../../report/page.js';
import { editReport } from '../../report/show.js';
import { printable, type Style } from '../../report/style.js';
import { Lines } from '../components/lines.js';
import { Pane } from '../components/pane.js';
import { Question, questionHeight } from '../components/question.js';
import { TableList } from '../components/table-list.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useData } from '../hooks/use-data.js';
import { useMarks } from '../hooks/use-marks.js';
import { useScope } from '../hooks/use-scope.js';
import { useScroll } from '../hooks/use-scroll.js';
import { type Field, useTable } from '../hooks/use-table.js';
import { Box } from '../ink.js';
import { screenLines } from '../screen-lines.js';
import { TouchedView } from './touched.js';

/** What taking an edit back, or putting it on again, would do; waits for a yes. */
interface Asked {
  edit: EditSummary;
  plan: RestackResult;
}

/** What is opened in place of the list. */
type Opened = { edit: MeasuredEdit } | { diff: EditDiff };

export function LedgerScreen({ width, height, active }: ScreenProps) {
  const { session, edits, run, refresh, change, tell, style, work } = useDesk();
  const [opened, setOpened] = useState<Opened>();
  const [asked, setAsked] = useState<Asked>();
  const [marks, mark] = useMarks(useMemo(() => edits.map(({ id }) => id), [edits]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew for another list
  const effects = useMemo(() => new Map<number, string>(), [session, edits]);
  const fields = useMemo(() => {
    /** Only what is in sight is read from the ledger with its effect, once for each list of edits. */
    const effectOf = (id: number) => {
      const known = effects.get(id) ?? effectIn(session, id);
      effects.set(id, known);
      return known;
    };
    return fieldsOf(style, marks, effectOf);
  }, [style, marks, effects, session]);
  const [mapping, setMapping] = useState(false);
  const listening = active && !asked && !mapping;
  const question = asked && { lines: consequences(asked), width };
  const questioned = question ? questionHeight(question) : 0;
  const measured = edits.find(({ standing }) => standing)?.standing?.measuredAt;
  const listHeight = height - 1 - questioned - (measured ? 1 : 0);
  const view = useTable(edits, fields, listHeight, listening && !opened);
  const details = useMemo(() => {
    if (!opened) return [];
    const report = (page: Page) =>
      'edit' in opened ? editReport(opened.edit, page) : diffReport(opened.diff, page);
    return screenLines(report, width, style);
  }, [opened, width, style]);
  const room = height - 1 - questioned;
  const { shown, place, toTop } = useScroll(details, room, listening && opened !== undefined);

  const edit = view.shown[view.at];
  const openedEdit = opened && 'edit' in opened ? opened.edit : undefined;
  const comparing = opened !== undefined && !openedEdit;
  const show = (find: (from: Session) => Opened) => {
    if (!session) return;
    try {
      setOpened(find(session));
      toTop();
    } catch (error) {
      tell(errorData(error).message, 'bad');
    }
  };
  const open = () => edit && show((from) => ({ edit: from.show(edit.id) }));
  const compare = () => {
    const [one, other] = marks;
    if (one === undefined || other === undefined) tell('space marks two edits to compare', 'bad');
    else show((from) => ({ diff: from.diff(one, other) }));
  };
  const look = ({ id, vectors }: MeasuredEdit) => {
    if (!session || vectors.length === 0) return;
    change({ type: 'look', looking: { neurons: vectors, at: 0, edit: id, about: session.factOf(id) } });
  };
  const ask = async (status: EditSummary['status']) => {
    // Another program may have been here since.
    const chosen = refresh().find(({ id }) => id === (openedEdit ?? edit)?.id);
    if (!session || !chosen) return;
    if (chosen.status !== status) {
      tell(`edit ${chosen.id} is ${chosen.status} already`, 'bad');
      return;
    }
    const plan = await run('looking what that would do', (control) =>
      restack(session, chosen, { dryRun: true }, control),
    );
    if (plan) setAsked({ edit: chosen, plan });
  };
  const answer = async (yes: boolean) => {
    setAsked(undefined);
    if (!yes || !asked || !session) return;
    const done = await run(
      asked.edit.status === 'applied' ? 'reverting' : 'putting on again',
      // The question named what is lost; what it did not name is not allowed.
      (control) => restack(session, asked.edit, { allowRegressions: asked.plan.wouldRefuse }, control),
    );
    refresh(true);
    if (!done) return;
    if (done.status === 'refused') {
      tell(`refused: meanwhile other edits would lose by it (${losers(done)}); nothing was changed`, 'bad');
      return;
    }
    change({ type: 'model changed' });
    setOpened(undefined);
    const vectors = done.edits.flatMap((one) => one.vectors);
    const exact = vectors.filter(({ matches }) => matches).length;
    const bytes = done.isBase
      ? 'the model is its base again, byte for byte'
      : `${exact} of ${plural(vectors.length, 'value vector')} as recorded, byte for byte`;
    tell(`edit ${asked.edit.id} ${done.status}: ${bytes}`, 'good');
  };
  const close = () => {
    if (opened) setOpened(undefined);
    else view.clear();
  };
  const restacks = { revert: () => void ask('applied'), redo: () => void ask('reverted') };
  useKeys(
    'ledger',
    { open, mark: () => edit && mark(edit.id), compare, ...restacks, touched: () => setMapping(true) },
    listening && !opened,
  );
  useKeys(
    'edit',
    { look: () => openedEdit && look(openedEdit), close, ...restacks },
    listening && !!openedEdit,
  );
  useKeys('comparison', { close }, listening && comparing);
  const page = openedEdit ? 'edit' : 'comparison';
  useScope(page, active && opened !== undefined);
  useKeys('everywhere', { back: close }, listening && !work);

  useData(() => (opened ? ('edit' in opened ? opened.edit : opened.diff) : edits), active && !mapping);

  if (mapping) {
    return <TouchedView width={width} height={height} active={active} onClose={() => setMapping(false)} />;
  }
  if (!active) return null;
  const asking = question && <Question {...question} onAnswer={(yes) => void answer(yes)} />;
  if (opened) {
    const title = openedEdit ? `edit ${openedEdit.id}` : `edits ${marks.join(' and ')}`;
    return (
      <Box flexDirection="column" height={height}>
        <Pane title={title} note={place} active width={width}>
          <Lines lines={shown} width={width} height={room} />
        </Pane>
        {asking}
      </Box>
    );
  }
  return (
    <Box flexDirection="column" height={height}>
      <Pane title={`  ${view.head(width - 2)}`} active width={width}>
        <TableList
          view={view}
          active
          width={width}
          height={listHeight}
          empty=" no edits yet: 1 chooses a fact to begin with"
        />
      </Pane>
      {measured ? (
        <Lines
          lines={[
            style.dim(
              ` state: kept on how many of the prompts it reached, ${when(measured).slice(0, 16)} (UTC)`,
            ),
          ]}
          width={width}
          height={1}
        />
      ) : null}
      {asking}
    </Box>
  );
}

/** Status and state may hold colour codes: they are never cut. */
function fieldsOf(
  style: Style,
  marks: readonly number[],
  effectOf: (id: number) => string,
): Field<EditSummary>[] {
  return [
    {
      title: 'id',
      width: 4,
      align: 'right',
      show: ({ id }) => `${marks.includes(id) ? '●' : ''}${id}`,
      order: ({ id }) => id,
    },
    { title: 'name', show: ({ name }) => printable(name) },
    { title: 'operation', width: 9, show: ({ operation }) => operation },
    {
      title: 'status',
      width: 8,
      show: ({ status }) => statusText(status, style),
      order: ({ status }) => status,
    },
    { title: 'state', width: 16, show: ({ standing }) => standingCell(standing, style) },
    {
      title: 'effect',
      width: 6,
      align: 'right',
      show: ({ id }) => effectOf(id),
      order: ({ id }) => Number(effectOf(id)) || 0,
      words: () => '',
    },
    {
      title: 'vectors',
      width: 7,
      align: 'right',
      show: ({ neurons }) => String(neurons),
      order: ({ neurons }) => neurons,
    },
    {
      title: 'created (UTC)',
      width: 16,
      show: ({ createdAt }) => when(createdAt).slice(0, 16),
    },
  ];
}

function effectIn(session: Session | undefined, id: number): string {
  try {
    const found = session?.show(id);
    return found?.verdict ? points(found.metrics.effect).replace(' points', '') : '–';
  } catch {
    return '?';
  }
}

/** Takes an applied edit back, or puts a reverted one on again. */
function restack(
  session: Session,
  { id, status }: EditSummary,
  options: RestackOptions,
  control: object,
): Promise<RestackResult> {
  return status === 'applied' ? session.revert({ id }, options, control) : session.redo(id, options, control);
}

function consequences({ edit, plan }: Asked): string[] {
  const name = `edit ${edit.id} (${printable(edit.name)})`;
  const what = edit.status === 'applied' ? `Take ${name} back?` : `Put ${name} on again?`;
  const { replayed } = plan;
  const others =
    replayed.length > 0
      ? `These touch the same neurons and are replayed: ${replayed.map((id) => `edit ${id}`).join(', ')}.`
      : 'The value vectors of other edits stay as they are.';
  const [first] = plan.edits;
  const was = first?.was[0];
  const now = first?.probes[0];
  const answers = was && now ? [`"${printable(now.prompt)}": ${answerChange(was, now)}`] : [];
  const lost = losers(plan);
  return [what, others, ...(lost === '' ? [] : [`Other edits lose by it: ${lost}.`]), ...answers];
}

/** "Almaty → Astana"; of an answer that stays, its probability: "Almaty 47.6% → 93.2%". */
function answerChange({ top: [was] }: ProbeResult, { top: [now] }: ProbeResult): string {
  if (!was || !now) return '–';
  const same = was.id === now.id;
  return same
    ? `${printable(was.token)} ${percent(was.prob)} → ${percent(now.prob)}`
    : `${printable(was.token)} → ${printable(now.token)}`;
}

/** The other edits that lose by it: "edit 3, edit 5". */
function losers({ regressions }: RestackResult): string {
  return [...new Set(regressions.map(({ edit }) => `edit ${edit?.id}`))].join(', ');
}
