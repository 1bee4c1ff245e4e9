// Step 4: what changed that should not have, the verdict, and the decision.
import { useState } from 'react';
import type { ProbeResult } from '../../index.js';
import { factLine } from '../../report/localization.js';
import { percent, percentOr, plural, points } from '../../report/numbers.js';
import { verdictSentence } from '../../report/sentence.js';
import { printable } from '../../report/style.js';
import { fitTo } from '../../report/table.js';
import { verdictTone } from '../../report/verdict.js';
import { operationText } from '../../report/words.js';
import { editOnBench } from '../bench.js';
import { Lines } from '../components/lines.js';
import { List } from '../components/list.js';
import { Pane } from '../components/pane.js';
import { Question } from '../components/question.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useCursor } from '../hooks/use-cursor.js';
import { useTrial } from '../hooks/use-trial.js';
import { Box, Text } from '../ink.js';

/** A change of probability below which a probe counts as unchanged in the list. */
const VISIBLE = 0.001;
const QUESTION_HEIGHT = 5;
const TOP_HEIGHT = 5;

export function CheckScreen({ width, height, active }: ScreenProps) {
  const { bench, change, session, run, style, work, tell, refresh } = useDesk();
  const { edit, trial } = bench;
  const [all, setAll] = useState(true);
  const [asking, setAsking] = useState(false);
  useTrial(active);
  const result = trial?.result;
  const regressions = result?.regressions ?? [];

  const changed = damages(result?.before ?? [], result?.after ?? []);
  const listed = all ? changed : changed.filter(isRegression);
  const listHeight = height - TOP_HEIGHT - (asking ? QUESTION_HEIGHT : 1) - 2;
  const [at] = useCursor(listed.length, listHeight, active && !asking);

  const apply = async (allowRegressions: boolean) => {
    const whole = editOnBench(bench);
    if (!session || !whole) return;
    const applied = await run('applying', (control) => session.apply(whole, { allowRegressions }, control));
    if (!applied) return;
    refresh();
    if (applied.status !== 'applied') {
      tell(`refused: ${plural(applied.regressions.length, 'regression')}; nothing was changed`, 'bad');
      return;
    }
    change({ type: 'model changed' });
    change({ type: 'go', step: 'ledger' });
    tell(`applied as edit ${applied.editId}`, 'good');
  };
  useKeys(
    'check',
    {
      apply: () => {
        if (!result || work) return;
        if (regressions.length > 0) tell('the check failed, so it is refused; f applies it anyway', 'bad');
        else void apply(false);
      },
      force: () => {
        if (result && !work && regressions.length > 0) setAsking(true);
      },
      all: () => setAll(!all),
    },
    active && !asking,
  );

  if (!active) return null;
  if (!edit)
    return (
      <Lines lines={['', ' No fact is chosen yet: 1 goes to the facts.']} width={width} height={height} />
    );
  if (!result) {
    const text = work
      ? 'measuring what it would do, and the same on random neurons'
      : 'nothing to check yet: 3 chooses an operation';
    return <Lines lines={['', ` ${style.dim(text)}`]} width={width} height={height} />;
  }
  const { metrics, control, drift } = result;
  const tone = verdictTone(result, style);
  const numbers = [
    `effect ${points(metrics.effect)}${control ? ` (random ${points(control.effect.mean)})` : ''}`,
    `damage ${percentOr(metrics.sideEffects.damage)}${control ? ` (random ${percent(control.damage.mean)})` : ''}`,
  ];
  const drifted = drift
    ? ` drift from the base: ${percent(drift.before.flips)} → ${percent(drift.after.flips)} of answers`
    : '';
  const overlaps = result.overlaps.map(({ id, name }) => `edit ${id} (${printable(name)})`).join(', ');
  const decision =
    regressions.length === 0
      ? style.good('no regressions: enter applies it')
      : style.bad(`${plural(regressions.length, 'regression')}: it is refused; f applies it anyway`);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Box flexDirection="column" height={TOP_HEIGHT} overflow="hidden">
        <Text wrap="truncate">
          {' '}
          {style.accent(factLine(edit.fact))} {style.dim('·')} {style.bold(operationText(edit.operation))}
        </Text>
        <Box height={2} width={width} paddingLeft={1}>
          <Text>{tone(verdictSentence(result))}</Text>
        </Box>
        <Text wrap="truncate"> {numbers.join(style.dim(' · '))}</Text>
        <Text wrap="truncate">
          {style.dim(drifted)}
          {overlaps ? style.warn(` · shares neurons with ${overlaps}`) : ''}
        </Text>
      </Box>
      <Pane
        title={all ? 'what else changed, worst first' : 'regressions, worst first'}
        note={listed.length > 0 ? `${at + 1}/${listed.length}` : ''}
        active
        width={width}
      >
        {listed.length > 0 ? (
          <>
            <List rows={listed.map(row)} cursor={at} active width={width} height={listHeight} />
            <Text wrap="truncate">{style.dim(whole(listed[at]))}</Text>
          </>
        ) : (
          <Lines
            lines={[style.dim(all ? ' nothing that can be seen' : ' none')]}
            width={width}
            height={listHeight + 1}
          />
        )}
      </Pane>
      {asking ? (
        <Question
          lines={[
            `${plural(regressions.length, 'probe')} changed that should not have. Applied all the same, it can be reverted.`,
          ]}
          word="apply"
          width={width}
          onAnswer={(yes) => {
            setAsking(false);
            if (yes) void apply(true);
          }}
        />
      ) : (
        <Text> {decision}</Text>
      )}
    </Box>
  );

  function whole(damage: Damage | undefined): string {
    return damage ? `  ${printable(damage.was.prompt)} expected: ${printable(damage.was.expect)}` : '';
  }

  function isRegression({ was }: Damage): boolean {
    return regressions.some(({ role, prompt }) => role === was.role && prompt === was.prompt);
  }

  function row(damage: Damage): string {
    const { was, now } = damage;
    const answer = (one: ProbeResult) => `${printable(one.top[0]?.token ?? '')} ${percent(one.prob)}`;
    const sign = isRegression(damage) ? style.bad('✗') : ' ';
    const side = Math.min(24, Math.floor(width / 5));
    const changed = was.top[0]?.id !== now.top[0]?.id;
    const after = fitTo(changed ? answer(now) : percent(now.prob), side);
    const prompt = fitTo(printable(was.prompt), width - 21 - 2 * side);
    return (
      `${sign} ${style.dim(fitTo(was.role, 12))} ${prompt} ${fitTo(answer(was), side, 'right')} → ` +
      `${changed ? style.bad(after) : after}`
    );
  }
}

interface Damage {
  was: ProbeResult;
  now: ProbeResult;
}

/** Neighbourhood and unrelated probes that changed, worst loss first. */
function damages(before: readonly ProbeResult[], after: readonly ProbeResult[]): Damage[] {
  return before
    .flatMap((was, i): Damage[] => {
      const now = after[i];
      const other = was.role === 'neighborhood' || was.role === 'unrelated';
      if (!now || !other) return [];
      const changed = was.top[0]?.id !== now.top[0]?.id || Math.abs(was.prob - now.prob) >= VISIBLE;
      return changed ? [{ was, now }] : [];
    })
    .sort((a, b) => b.was.prob - b.now.prob - (a.was.prob - a.now.prob));
}
