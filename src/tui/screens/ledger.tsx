// Step 5: every edit that was ever made, what it did, and the way back.
import { useMemo, useState } from 'react';
import { errorData } from '../../errors.js';
import type { EditSummary, MeasuredEdit, RestackOptions, RestackResult, Session } from '../../index.js';
import { standingCell, statusText, when } from '../../report/history.js';
import { plural, points } from '../../report/numbers.js';
import { wrapLines } from '../../report/page.js';
import { editReport } from '../../report/show.js';
import { printable } from '../../report/style.js';
import { fitTo } from '../../report/table.js';
import { Lines } from '../components/lines.js';
import { firstShown, List } from '../components/list.js';
import { Pane } from '../components/pane.js';
import { Question } from '../components/question.js';
import { TextField } from '../components/text-field.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useCursor } from '../hooks/use-cursor.js';
import { Box } from '../ink.js';

/** What taking an edit back, or putting it on again, would do; waits for a yes. */
interface Asked {
  edit: EditSummary;
  plan: RestackResult;
}

/** Lines of the question: a rule, at most four of what would happen, and the answers. */
const QUESTION_HEIGHT = 6;

export function LedgerScreen({ width, height, active }: ScreenProps) {
  const { session, edits, run, refresh, change, tell, style, work } = useDesk();
  const [opened, setOpened] = useState<MeasuredEdit>();
  const [asked, setAsked] = useState<Asked>();
  const [search, setSearch] = useState('');
  const [typing, setTyping] = useState(false);
  const shown = useMemo(
    () =>
      edits.filter(({ id, name, operation, status }) =>
        `${id} ${name} ${operation} ${status}`.toLowerCase().includes(search.toLowerCase()),
      ),
    [edits, search],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew for another list
  const effects = useMemo(() => new Map<number, string>(), [session, edits]);
  const listening = active && !asked && !typing;
  const measured = edits.find(({ standing }) => standing)?.standing?.measuredAt;
  const listHeight =
    height - 1 - (asked ? QUESTION_HEIGHT : 0) - (typing || search ? 1 : 0) - (measured ? 1 : 0);
  const [at] = useCursor(shown.length, listHeight, listening && !opened);
  const details = useMemo(
    () => (opened ? wrapLines(editReport(opened, { width: width - 1, style }), width - 1).split('\n') : []),
    [opened, width, style],
  );
  const room = height - 1 - (asked ? QUESTION_HEIGHT : 0);
  const scrolls = Math.max(1, details.length - room + 1);
  const [first, setFirst] = useCursor(scrolls, room - 1, listening && opened !== undefined);

  const edit = shown[at];
  const open = () => {
    if (!session || !edit) return;
    try {
      setOpened(session.show(edit.id));
      setFirst(0);
    } catch (error) {
      tell(errorData(error).message, 'bad');
    }
  };
  const ask = async (status: EditSummary['status']) => {
    // Another program may have been here since.
    const chosen = refresh().find(({ id }) => id === (opened ?? edit)?.id);
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
    else setSearch('');
  };
  useKeys(
    'ledger',
    {
      open: () => !opened && open(),
      close,
      filter: () => !opened && setTyping(true),
      revert: () => void ask('applied'),
      redo: () => void ask('reverted'),
    },
    listening,
  );
  useKeys('everywhere', { back: close }, listening && !work);

  if (!active) return null;
  const question = asked ? (
    <Question lines={consequences(asked)} width={width} onAnswer={(yes) => void answer(yes)} />
  ) : null;
  if (opened) {
    const last = Math.min(details.length, first + room);
    return (
      <Box flexDirection="column" height={height}>
        <Pane
          title={`edit ${opened.id}`}
          note={`${first + 1}-${last}/${details.length}`}
          active
          width={width}
        >
          <Lines lines={details.slice(first, first + room)} width={width} height={room} />
        </Pane>
        {question}
      </Box>
    );
  }
  return (
    <Box flexDirection="column" height={height}>
      <Pane title={`  ${columnsOf(width, HEAD)}`} active width={width}>
        {shown.length > 0 ? (
          <List rows={rows()} cursor={at} active width={width} height={listHeight} />
        ) : (
          <Lines
            lines={[
              '',
              search ? ' nothing is found; esc shows all' : ' no edits yet: 1 chooses a fact to begin with',
            ]}
            width={width}
            height={listHeight}
          />
        )}
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
      {typing ? (
        <TextField
          label="search"
          value={search}
          width={width}
          onChange={setSearch}
          onSubmit={() => setTyping(false)}
          onCancel={() => {
            setTyping(false);
            setSearch('');
          }}
        />
      ) : search ? (
        <Lines lines={[style.dim(` / ${search}`)]} width={width} height={1} />
      ) : null}
      {question}
    </Box>
  );

  /** Only what is in sight is read from the ledger with its effect, once for each list of edits. */
  function rows(): string[] {
    const top = firstShown(at, shown.length, listHeight);
    return shown.map((one, i) => {
      const visible = i >= top && i < top + listHeight;
      const cells = {
        id: String(one.id),
        name: printable(one.name),
        operation: one.operation,
        status: statusText(one.status, style),
        state: standingCell(one.standing, style),
        effect: visible ? effectOf(one.id) : '',
        vectors: String(one.neurons),
        created: when(one.createdAt).slice(0, 16),
      };
      return columnsOf(width, cells);
    });
  }

  function effectOf(id: number): string {
    const known = effects.get(id) ?? effectIn(session, id);
    effects.set(id, known);
    return known;
  }
}

const HEAD = {
  id: 'id',
  name: 'name',
  operation: 'operation',
  status: 'status',
  state: 'state',
  effect: 'effect',
  vectors: 'vectors',
  created: 'created (UTC)',
};

/** Columns that all but the name take, and those of the date, which is shown where there is room. */
const FIXED = 62;
const DATE = 18;
const LEAST_NAME = 16;

/** Status and state may hold colour codes: they are never cut. */
function columnsOf(width: number, cells: typeof HEAD): string {
  const { id, name, operation, status, state, effect, vectors, created } = cells;
  const room = width - 2 - FIXED;
  const dated = room - DATE >= LEAST_NAME;
  return [
    fitTo(id, 4, 'right'),
    fitTo(name, dated ? room - DATE : room),
    fitTo(operation, 9),
    fitTo(status, 8),
    fitTo(state, 16),
    fitTo(effect, 6, 'right'),
    fitTo(vectors, 7, 'right'),
    ...(dated ? [fitTo(created, 16)] : []),
  ].join('  ');
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
      : 'No other edit touches its neurons.';
  const [first] = plan.edits;
  const was = first?.was[0];
  const now = first?.probes[0];
  const answers =
    was && now
      ? [
          `"${printable(now.prompt)}": ${printable(was.top[0]?.token ?? '')} → ${printable(now.top[0]?.token ?? '')}`,
        ]
      : [];
  const lost = losers(plan);
  return [what, others, ...(lost === '' ? [] : [`Other edits lose by it: ${lost}.`]), ...answers];
}

/** The other edits that lose by it: "edit 3, edit 5". */
function losers({ regressions }: RestackResult): string {
  return [...new Set(regressions.map(({ edit }) => `edit ${edit?.id}`))].join(', ');
}
