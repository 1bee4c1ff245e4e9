// Step 4: what changed that should not have, the verdict, and the decision.
import { useMemo, useState } from 'react';
import type { ApplyResult } from '../../index.js';
import { cutTexts, truncate } from '../../report/cut.js';
import { factLine } from '../../report/localization.js';
import { percent, percentOr, plural, points, change as shareChange } from '../../report/numbers.js';
import { verdictSentence } from '../../report/sentence.js';
import { oneLine, PLAIN, printable } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { adviceText, gainsText, harmsText, standingsText, verdictTone } from '../../report/verdict.js';
import { operationText } from '../../report/words.js';
import { editOnBench } from '../bench.js';
import { Lines } from '../components/lines.js';
import { List } from '../components/list.js';
import { Pane } from '../components/pane.js';
import { Question } from '../components/question.js';
import { Text } from '../components/text.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { dropDraft } from '../drafts.js';
import { useKeys } from '../hooks/keyboard.js';
import { useChoices } from '../hooks/use-choices.js';
import { useCursor } from '../hooks/use-cursor.js';
import { Box } from '../ink.js';
import { onScreen } from '../on-screen.js';
import { type Answer, type Change, rowsOf, VIEWS, type View } from './changes.js';
import { choiceText } from './trial-fields.js';

const QUESTION_HEIGHT = 5;
/** Most lines of what is said about the edit, and of warnings. */
const SENTENCE = 3;
const WARNINGS = 2;
/** Most lines of what location bought. */
const BOUGHT = 3;
const STATES = 2;
const APPLYING = 'applying';
/** Lines of the chosen prompt: itself, and its answers before and after. */
const WHOLE = 3;
/** What is shown after what. */
const NEXT: Record<View, View> = { changes: 'regressions', regressions: 'probes', probes: 'changes' };

export function CheckScreen({ width, height, active }: ScreenProps) {
  const { bench, change, session, run, style: ordinary, work, tell, refresh, trial, last } = useDesk();
  const { edit } = bench;
  const [view, setView] = useState<View>('changes');
  const [asking, setAsking] = useState(false);
  /** Until what is chosen now is measured, the last trial stays, dimmed; it cannot be applied. */
  const shown = trial?.result ? trial : last;
  const result = shown?.result;
  const outdated = shown !== trial;
  const style = outdated ? PLAIN : ordinary;
  const tone = outdated ? ordinary.dim : (line: string) => line;
  const harms = result ? harmsText(result) : '';

  const listed = useMemo(() => (result ? rowsOf(view, result) : []), [view, result]);
  const about = result ? aboutIt(result).map(tone) : [];
  const listHeight = height - 1 - about.length - (asking ? QUESTION_HEIGHT : 1) - 1 - WHOLE;
  const [at, setAt] = useCursor(listed.length, listHeight, active && !asking);

  const applies = work?.label === APPLYING;
  const apply = async (allowRegressions: boolean) => {
    const whole = editOnBench(bench);
    if (!session || !whole) return;
    const applied = await run(APPLYING, (control) =>
      session.apply(whole, { allowRegressions, measured: result }, control),
    );
    if (!applied) return;
    refresh(true);
    if (applied.status !== 'applied') {
      tell(`refused: ${harmsText(applied)}; nothing was changed`, 'bad');
      return;
    }
    if (bench.draft) dropDraft(bench.draft);
    change({ type: 'applied' });
    change({ type: 'go', step: 'ledger' });
    tell(`applied as edit ${applied.editId}`, 'good');
  };
  useKeys(
    'check',
    {
      apply: () => {
        if (!result || outdated || applies) return;
        if (harms !== '') tell('the check failed, so it is refused; f applies it anyway', 'bad');
        else void apply(false);
      },
      force: () => {
        if (harms !== '' && !outdated && !applies) setAsking(true);
      },
      view: () => {
        setView(NEXT[view]);
        setAt(0);
      },
    },
    active && !asking,
  );
  useChoices(active && !asking);

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
  const side = Math.min(24, Math.floor(width / 5));
  const promptWidth = width - 22 - 2 * side;
  const prompts = cutTexts(
    listed.map(({ prompt }) => printable(prompt)),
    promptWidth,
  );
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Text wrap="truncate">
        {' '}
        {ordinary.accent(factLine(edit.fact))} {ordinary.dim('·')}{' '}
        {ordinary.bold(operationText(edit.operation))}
      </Text>
      <Lines lines={about} width={width} height={about.length} />
      <Pane
        title={VIEWS[view]}
        note={listed.length > 0 ? `${at + 1}/${listed.length}` : ''}
        active
        width={width}
      >
        {listed.length > 0 ? (
          <>
            <List
              rows={listed.map(row).map(tone)}
              cursor={at}
              active
              width={width}
              height={listHeight}
              onChoose={setAt}
            />
            <Lines lines={whole(listed[at]).map(tone)} width={width} height={WHOLE} />
          </>
        ) : (
          <Lines
            lines={[style.dim(view === 'regressions' ? ' none' : ' nothing that can be seen')]}
            width={width}
            height={listHeight + WHOLE}
          />
        )}
      </Pane>
      {asking ? (
        <Question
          lines={[`It is refused for what it harms: ${harms}. Applied all the same, it can be reverted.`]}
          word="apply"
          width={width}
          onAnswer={(yes) => {
            setAsking(false);
            if (yes) void apply(true);
          }}
        />
      ) : (
        <Text> {decision()}</Text>
      )}
    </Box>
  );

  function decision(): string {
    if (outdated && shown) {
      const state = work ? 'trying it' : 'not tried yet (r)';
      return truncate(`${state}; above, the last trial: ${choiceText(shown)}`, width - 2);
    }
    if (harms === '') return style.good('no regressions: enter applies it');
    return style.bad(`${harms}: it is refused; f applies it anyway`);
  }

  /** The verdict, what it rests on, how the model and its earlier edits stand, and what to know of it. */
  function aboutIt(found: ApplyResult): string[] {
    const { metrics, drift, perplexity, standings, further } = found;
    const told = (text: string, most: number, tone: (line: string) => string) => {
      const lines = wrapText(text, width - 2);
      const last = truncate(lines.slice(most - 1).join(' '), width - 2); // what is cut is seen to be cut
      return [...lines.slice(0, most - 1), last].filter(Boolean).map((line) => ` ${tone(line)}`);
    };
    const numbers = [
      `effect ${points(metrics.effect)}`,
      `damage ${percentOr(metrics.sideEffects.damage)}`,
      ...(perplexity ? [`perplexity ${shareChange(perplexity.rise)}`] : []),
    ].join(' · ');
    const states = [
      ...(drift
        ? [`drift from the base: ${percent(drift.before.flips)} → ${percent(drift.after.flips)} of answers`]
        : []),
      ...(further ? [`${further.lost} of ${plural(further.asked, 'further fact')} lost their answer`] : []),
      ...(standings.length > 0 ? [`earlier edits: ${standingsText(standings)}`] : []),
    ];
    const warnings = [...found.warnings, adviceText(found)].filter((text) => text !== undefined).join('; ');
    return [
      ...told(verdictSentence(found), SENTENCE, verdictTone(found, style)),
      ...told(gainsText(found) ?? numbers, BOUGHT, style.dim),
      ...(states.length > 0 ? told(states.join(' · '), STATES, style.dim) : []),
      ...(warnings === '' ? [] : told(onScreen(oneLine(warnings)), WARNINGS, style.warn)),
    ];
  }

  /** The chosen prompt in whole, and what became of the answer that was expected. */
  function whole(change: Change | undefined): string[] {
    if (!change) return [];
    const { prompt, expect, before, after, tops } = change;
    const line = (when: string, answers: readonly Answer[], prob: number) => {
      const texts = answers.map(({ text, expected }) => (expected ? `✓${text}` : text));
      const known = answers.some(({ expected }) => expected);
      const expected = known ? '' : `   (expected: ${printable(expect)} ${percent(prob)})`;
      return style.dim(fitTo(`  ${when}${texts.join('  ')}${expected}`, width));
    };
    return [
      style.accent(`  ${printable(prompt)}`),
      line('before  ', tops.before, before),
      line('after   ', tops.after, after),
    ];
  }

  function row({ regression, flipped, own, who, was, now }: Change, index: number): string {
    const sign = regression ? style.bad('✗') : ' ';
    const after = fitTo(now, side);
    const prompt = fitTo(prompts[index] ?? '', promptWidth);
    return (
      `${sign} ${style.dim(fitTo(who, 13))} ${prompt} ${fitTo(was, side, 'right')} → ` +
      `${flipped ? (own ? style.accent(after) : style.bad(after)) : after}`
    );
  }
}
