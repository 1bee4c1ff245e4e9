// The application: the desk that every screen works at, the five screens, and the keys that hold everywhere.
import { useCallback, useEffect, useMemo, useReducer, useState } from 'react';
import { errorData } from '../errors.js';
import type { EditSummary, Located, ModelInfo, Session } from '../index.js';
import type { Style } from '../report/style.js';
import { changeBench, EMPTY, STEPS, type Step } from './bench.js';
import { EverywhereKeys, type Over } from './components/everywhere-keys.js';
import { Footer, FRAME_HEIGHT, Header, type Notice, noticeLines } from './components/frame.js';
import { Help } from './components/help.js';
import { ModelChooser } from './components/model-chooser.js';
import { type Desk, DeskContext, type ScreenProps } from './desk.js';
import { KeyboardProvider } from './hooks/keyboard.js';
import { useSize } from './hooks/use-size.js';
import { useWork } from './hooks/use-work.js';
import { Box, Text } from './ink.js';
import { CheckScreen } from './screens/check.js';
import { FactScreen } from './screens/fact.js';
import { LedgerScreen } from './screens/ledger.js';
import { LocateScreen } from './screens/locate.js';
import { OperateScreen } from './screens/operate.js';

export const SMALLEST = { columns: 80, rows: 24 };

const SCREENS: Record<Step, (props: ScreenProps) => React.ReactNode> = {
  fact: FactScreen,
  locate: LocateScreen,
  operate: OperateScreen,
  check: CheckScreen,
  ledger: LedgerScreen,
};

export interface AppProps {
  style: Style;
  /** Path of the ledger of a session, or of the first one while that is being opened; for the header. */
  ledgerOf: (session: Session | undefined) => string;
  /** Gives a session, of another model than the one that was asked for at the start; closes the one before. */
  open: (model?: string) => Promise<Session>;
  /** Leaves. @param interrupted something was running, and is stopped */
  leave: (interrupted: boolean) => void;
}

export function App({ style, ledgerOf, open, leave }: AppProps) {
  const [bench, change] = useReducer(changeBench, EMPTY);
  const [session, setSession] = useState<Session>();
  const [model, setModel] = useState<ModelInfo>();
  const [edits, setEdits] = useState<readonly EditSummary[]>([]);
  const [notice, setNotice] = useState<Notice>();
  const [over, show] = useState<Over>();
  const { columns, rows } = useSize();

  const tell = useCallback((text: string | undefined, tone: Notice['tone'] = 'dim') => {
    setNotice(text === undefined ? undefined : { text, tone });
  }, []);
  const { work, run, stop } = useWork(tell);
  const read = useCallback(
    (from: Session) => {
      try {
        setEdits(from.history());
      } catch (error) {
        tell(errorData(error).message, 'bad');
      }
    },
    [tell],
  );
  const refresh = useCallback(() => session && read(session), [session, read]);

  const start = async (name?: string) => {
    stop();
    setModel(undefined);
    change({ type: 'clear' });
    const opened = await open(name); // its modules are loaded behind the first frame
    setSession(opened);
    read(opened);
    // Without the signal: nothing goes without a model, so there is nothing to stop for.
    setModel(await run('loading the model', ({ onProgress }) => opened.model({ onProgress })));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, at the start
  useEffect(() => void start(), []);

  const { located, misfit } = useMemo((): { located?: Located; misfit?: string } => {
    if (!session || !bench.maps) return {};
    try {
      const found = session.localize(bench.maps, bench.options);
      return found ? { located: found } : {};
    } catch (error) {
      return { misfit: errorData(error).message };
    }
  }, [session, bench.maps, bench.options]);

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
      edits,
      refresh,
    }),
    [style, session, model, bench, located, misfit, work, run, stop, tell, edits, refresh],
  );
  const small = columns < SMALLEST.columns || rows < SMALLEST.rows;
  // One line less than the terminal has: a frame as high as the screen would be drawn anew whole, every time.
  const area = { width: columns, height: rows - 1 - FRAME_HEIGHT - noticeLines(notice, columns).length };
  return (
    <KeyboardProvider>
      <DeskContext.Provider value={desk}>
        <EverywhereKeys over={over} show={show} leave={leave} />
        {small ? (
          <Text wrap="truncate">
            {`kn-edit needs ${SMALLEST.columns}x${SMALLEST.rows}; this terminal has ${columns}x${rows}`}
          </Text>
        ) : (
          <Box flexDirection="column" width={columns} height={rows - 1}>
            <Header width={columns} db={ledgerOf(session)} />
            <Box flexDirection="column" height={area.height} overflow="hidden">
              {over === 'help' ? <Help scope={bench.step} {...area} /> : null}
              {over === 'models' ? (
                <ModelChooser
                  onChoose={(name) => {
                    show(undefined);
                    void start(name);
                  }}
                  {...area}
                />
              ) : null}
              {STEPS.map((step) => {
                const Screen = SCREENS[step];
                return <Screen key={step} active={!over && step === bench.step} {...area} />;
              })}
            </Box>
            <Footer width={columns} scope={over === 'models' ? 'models' : bench.step} notice={notice} />
          </Box>
        )}
      </DeskContext.Provider>
    </KeyboardProvider>
  );
}
