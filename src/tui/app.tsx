// The application: the desk that every screen works at, the five screens, and the keys that hold everywhere.
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { errorData } from '../errors.js';
import type { EditSummary, Located, ModelInfo, Session } from '../index.js';
import { plural } from '../report/numbers.js';
import { type Style, THEMES, type Theme } from '../report/style.js';
import { changeBench, type Draft, draftsOf, EMPTY, editOnBench, STEPS, type Step } from './bench.js';
import { EverywhereKeys, type Over } from './components/everywhere-keys.js';
import { Footer, FRAME_HEIGHT, Header, type Notice, noticeLines, stateText } from './components/frame.js';
import { Help } from './components/help.js';
import { ModelChooser } from './components/model-chooser.js';
import { Palette } from './components/palette.js';
import { SaveField } from './components/save-field.js';
import { Text } from './components/text.js';
import { type Desk, DeskContext, type ScreenProps } from './desk.js';
import { keepDraft, readDrafts } from './drafts.js';
import { exportScreen } from './export-screen.js';
import { KeyboardProvider } from './hooks/keyboard.js';
import { useLedgerWatch } from './hooks/use-ledger-watch.js';
import { useSize } from './hooks/use-size.js';
import { useTrials } from './hooks/use-trials.js';
import { useWork } from './hooks/use-work.js';
import { Box } from './ink.js';
import type { Scope } from './keys.js';
import { onScreen } from './on-screen.js';
import { CheckScreen } from './screens/check.js';
import { FactScreen } from './screens/fact.js';
import { LedgerScreen } from './screens/ledger.js';
import { LocateScreen } from './screens/locate.js';
import { NeuronScreen } from './screens/neuron.js';
import { OperateScreen } from './screens/operate.js';
import { TrialsScreen } from './screens/trials.js';
import { keepUserSettings, rememberedModel } from './settings-file.js';
import { linesOf } from './terminal.js';

const SMALLEST = { columns: 80, rows: 24 };

const SCREENS: Record<Step, (props: ScreenProps) => React.ReactNode> = {
  fact: FactScreen,
  locate: LocateScreen,
  operate: OperateScreen,
  check: CheckScreen,
  ledger: LedgerScreen,
};

export interface AppProps {
  styleOf: (theme: Theme) => Style;
  /** Colours to begin with. */
  theme: Theme | undefined;
  /** The model that was chosen the last time, if that is to be opened. */
  lastModel: string | undefined;
  /** Path of the ledger of a session, or of the first one while that is being opened; for the header. */
  ledgerOf: (session: Session | undefined) => string;
  /** Gives a session, of another model than the one that was asked for at the start; closes the one before. */
  open: (model?: string) => Promise<Session>;
  /** Leaves. @param interrupted something was running, and is stopped */
  leave: (interrupted: boolean) => void;
  suspend: () => void;
  /** Nothing is drawn. */
  suspended: boolean;
  /** Is told of all drafts, to name them when the program ends. */
  drafts: { current: readonly Draft[] };
  /** What was drawn last, as it was written. */
  frame: { readonly current: string };
}

export function App({
  styleOf,
  theme: first,
  lastModel,
  ledgerOf,
  open,
  leave,
  suspend,
  suspended,
  drafts,
  frame,
}: AppProps) {
  const [bench, change] = useReducer(changeBench, EMPTY);
  const [session, setSession] = useState<Session>();
  const [model, setModel] = useState<ModelInfo>();
  const [edits, setEdits] = useState<readonly EditSummary[]>([]);
  const [notice, setNotice] = useState<Notice>();
  const [over, show] = useState<Over>();
  const [theme, setTheme] = useState<Theme>(first ?? 'ordinary');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the terminal stays the same
  const style = useMemo(() => styleOf(theme), [theme]);
  const [saving, setSaving] = useState(false);
  const shown = useRef<() => unknown>(undefined);
  const [covering, cover] = useState<Scope>();
  const terminal = useSize();
  // What is not shown for lack of room goes on all the same, at the smallest size.
  const columns = Math.max(terminal.columns, SMALLEST.columns);
  const rows = Math.max(terminal.rows, SMALLEST.rows);

  const tell = useCallback((text: string | undefined, tone: Notice['tone'] = 'dim') => {
    setNotice((before) =>
      text === undefined ? undefined : { text: onScreen(text), tone, notes: before?.notes ?? [] },
    );
  }, []);
  /** Stands beside what is told of the work's end, until the next key. */
  const note = useCallback((text: string) => {
    setNotice((before) => {
      const { notes = [], ...said } = before ?? { text: '', tone: 'dim' };
      return { ...said, notes: [...notes, onScreen(text)] };
    });
  }, []);
  const stack = useRef<string>(undefined);
  const mapped = useRef(false);
  mapped.current = bench.maps !== undefined;
  /** Reads the ledger again. Who changed it, if not this program, took the model away from under what was measured. */
  const read = useCallback(
    (from: Session, mine: boolean): readonly EditSummary[] => {
      try {
        const found = from.history();
        const before = stack.current;
        stack.current = found.flatMap(({ id, status }) => (status === 'applied' ? [id] : [])).join();
        setEdits(found);
        if (mine || before === undefined || before === stack.current) return found;
        change({ type: 'model changed' });
        const again = mapped.current ? ', in which the fact is not located yet' : '';
        tell(`another program changed the ledger: the model is ${stateText(found)} now${again}`);
        return found;
      } catch (error) {
        tell(errorData(error).message, 'bad');
        return [];
      }
    },
    [tell],
  );
  const refresh = useCallback((mine = false) => (session ? read(session, mine) : []), [session, read]);
  const { work, run, stop } = useWork(tell, refresh, note);
  useLedgerWatch(session, work !== undefined, refresh);

  const chosen = useRef<{ name: string | undefined }>(undefined);
  const starts = useRef(0);
  const start = async (name?: string) => {
    const turn = ++starts.current;
    stop();
    setModel(undefined);
    const problem = await load(name);
    if (turn !== starts.current) return; // another one was chosen meanwhile
    if (problem === undefined) {
      chosen.current = { name };
      if (name !== undefined) keepUserSettings({ model: rememberedModel(name) });
      change({ type: 'model changed' }); // what was written or opened while it was being loaded stays
    } else if (chosen.current || name !== undefined) {
      // Chosen here, or remembered from the last time.
      const which = chosen.current ? 'the one before' : 'the usual one';
      const other = await load(chosen.current?.name);
      if (other === undefined) chosen.current ??= { name: undefined };
      tell(`${problem}; the model is ${which}`, 'bad');
    } else {
      show('models');
      tell(problem, 'bad');
    }
  };
  /** @returns what went wrong, in words */
  const load = async (name: string | undefined): Promise<string | undefined> => {
    let problem: string | undefined;
    const opened = await open(name); // its modules are loaded behind the first frame
    setSession(opened);
    setEdits([]);
    // Without the signal: nothing goes without a model, so there is nothing to stop for.
    const loaded = await run('loading the model', ({ onProgress, onNote }) =>
      opened.model({ onProgress, onNote }).catch((error: unknown) => {
        problem = errorData(error).message;
        throw error;
      }),
    );
    if (!loaded) return problem;
    stack.current = undefined;
    read(opened, true);
    setModel(loaded);
    return undefined;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, at the start
  useEffect(() => {
    void start(lastModel);
    void readDrafts().then(({ drafts: kept, others }) => {
      change({ type: 'drafts', drafts: kept });
      if (kept.length > 0) tell(`${plural(kept.length, 'draft')} from before: at the top of the list`);
      if (others.length > 0)
        note(`no draft can be read from ${others.join(', ')}; what is there stays as it is`);
    });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another screen is shown
  useEffect(() => void refresh(), [bench.step]);
  useLayoutEffect(() => {
    drafts.current = draftsOf(bench);
  }, [drafts, bench]);
  const { edit, draft, past } = bench;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every change of the edit, before the next key
  useLayoutEffect(() => {
    if (!edit || edit === draft?.edit || (!draft && past.length === 0)) return;
    try {
      change({ type: 'kept', draft: { edit, file: keepDraft({ edit, file: draft?.file }) } });
    } catch (error) {
      tell(errorData(error).message, 'bad');
    }
  }, [edit]);

  const { located, misfit } = useMemo((): { located?: Located; misfit?: string } => {
    if (!session || !bench.maps) return {};
    try {
      const found = session.localize(bench.maps, bench.options);
      return found ? { located: found } : {};
    } catch (error) {
      return { misfit: onScreen(errorData(error).message) };
    }
  }, [session, bench.maps, bench.options]);

  const { tried, elsewhere, trial, last, again } = useTrials({
    ...{ bench, change, session, model, edits, located, run },
  });
  const desk = useMemo(
    (): Desk => ({
      style,
      session,
      model,
      bench,
      located,
      misfit,
      change,
      work,
      run,
      stop,
      tell,
      cover,
      shown,
      edits,
      refresh,
      tried,
      elsewhere,
      trial,
      last,
      again,
    }),
    [
      style,
      session,
      model,
      bench,
      located,
      misfit,
      work,
      run,
      stop,
      tell,
      edits,
      refresh,
      tried,
      elsewhere,
      trial,
      last,
      again,
    ],
  );
  const changeTheme = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? theme;
    setTheme(next);
    keepUserSettings({ theme: next });
    tell(`colours: ${next === 'safe' ? 'safe for colour-blind eyes' : next}`);
  };

  const small = columns > terminal.columns || rows > terminal.rows;
  // One line less than the terminal has: a frame as high as the screen would be drawn anew whole, every time.
  const area = {
    width: columns,
    height: Math.max(1, rows - 1 - FRAME_HEIGHT - noticeLines(notice, columns).length - (saving ? 1 : 0)),
  };
  const locating = bench.graph && bench.maps ? 'graph' : 'locate';
  const within = covering ?? (bench.step === 'locate' ? locating : bench.step);
  const screen = bench.looking ? 'neuron' : bench.listing ? (covering ?? 'trials') : within;
  const uncovered = useRef<Scope>(screen);
  if (!over) uncovered.current = screen;
  const scope = over === 'models' || over === 'help of models' ? 'models' : uncovered.current;
  return (
    <KeyboardProvider>
      <DeskContext.Provider value={desk}>
        <EverywhereKeys
          over={over}
          show={show}
          save={() => setSaving(true)}
          leave={leave}
          suspend={suspend}
          changeTheme={changeTheme}
          exportScreen={() => {
            try {
              const data = shown.current?.() ?? { edit: editOnBench(bench), trial };
              tell(`written: ${exportScreen(scope, linesOf(frame.current), data).join(', ')}`, 'good');
            } catch (error) {
              tell(errorData(error).message, 'bad');
            }
          }}
        />
        {small && !suspended ? (
          <Text wrap="truncate">
            {`kn-edit needs ${SMALLEST.columns}x${SMALLEST.rows}; this terminal has ${terminal.columns}x${terminal.rows}`}
          </Text>
        ) : null}
        <Box
          display={small || suspended ? 'none' : 'flex'}
          flexDirection="column"
          width={columns}
          height={rows - 1}
        >
          <Header width={columns} db={ledgerOf(session)} />
          <Box flexDirection="column" height={area.height} overflow="hidden">
            {over === 'help' || over === 'help of models' ? <Help scope={scope} {...area} /> : null}
            {over === 'models' ? (
              <ModelChooser
                onChoose={(name) => {
                  show(undefined);
                  void start(name);
                }}
                {...area}
              />
            ) : null}
            {over === 'palette' ? <Palette scope={scope} onClose={() => show(undefined)} {...area} /> : null}
            {STEPS.map((step) => {
              const Screen = SCREENS[step];
              const active = !over && !bench.listing && screen === within && step === bench.step;
              return <Screen key={step} active={active} {...area} />;
            })}
            <TrialsScreen active={bench.listing && !over && !bench.looking} {...area} />
            {bench.looking ? <NeuronScreen looking={bench.looking} active={!over} {...area} /> : null}
          </Box>
          {saving ? <SaveField width={columns} onDone={() => setSaving(false)} /> : null}
          <Footer width={columns} scope={scope} notice={notice} />
        </Box>
      </DeskContext.Provider>
    </KeyboardProvider>
  );
}
