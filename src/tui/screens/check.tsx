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
import { NotYet, useMissing } from '../components/not-yet.js';
import { Pane } from '../components/pane.js';
import { Question, questionHeight } from '../components/question.js';
import { Text } from '../components/text.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { dropDraft } from '../drafts.js';
import { useKeys } from '../hooks/keyboard.js';
import { useChoices } from '../hooks/use-choices.js';
import { useCursor } from '../hooks/use-cursor.js';
import { useScroll } from '../hooks/use-scroll.js';
import { TRYING } from '../hooks/use-trials.js';
import { Box } from '../ink.js';
import { onScreen } from '../on-screen.js';
import { type Answer, type Change, rowsOf, VIEWS, type View } from './changes.js';
import { choiceText } from './trial-fields.js';

/** The share of the screen that what is said of the edit may take from the rows; a view of its own has all of it. */
const SAID = 0.2;
const APPLYING = 'applying';
const NOTHING = 'nothing to check yet: 3 chooses an operation';
/** Lines of the chosen prompt: itself, and its answers before and after. */
const WHOLE = 3;
/** What is shown after what. */
const NEXT: Record<View, View> = {
  changes: 'regressions',
  regressions: 'probes',
  probes: 'words',
  words: 'changes',
};

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
  const inWords = view === 'words';
  const said = result ? saidOf(result) : [];
  const about = inWords ? [] : withinLines(said, width - 2, Math.floor(height * SAID));
  const question = {
    lines: [`It is refused for what it harms: ${harms}. Applied all the same, it can be reverted.`],
    word: 'apply',
    width,
  };
  const room = height - 1 - about.length - (asking ? questionHeight(question) : 1) - 1;
  const listHeight = room - WHOLE;
  const words = said.flatMap(({ text, tone }) => [
    ...wrapText(text, width - 2).map((line) => ` ${tone(line)}`),
    '',
  ]);
  const { shown: wordsShown, place } = useScroll(words, room, active && !asking && inWords);
  const [at, setAt] = useCursor(listed.length, listHeight, active && !asking && !inWords);

  const applies = work?.label === APPLYING;
  const trying = work?.label === TRYING;
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

  const missing = useMissing();
  if (!active) return null;
  if (!edit || !result) {
    const text = trying ? 'measuring what it would do, and the same on random neurons' : NOTHING;
    return <NotYet text={missing ?? text} width={width} height={height} />;
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
      <Lines lines={about.map(tone)} width={width} height={about.length} />
      <Pane
        title={VIEWS[view]}
        note={inWords ? place : listed.length > 0 ? `${at + 1}/${listed.length}` : ''}
        active
        width={width}
      >
        {inWords ? <Lines lines={wordsShown.map(tone)} width={width} height={room} /> : null}
        {!inWords && listed.length > 0 ? (
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
        ) : null}
        {!inWords && listed.length === 0 ? (
          <Lines
            lines={[style.dim(view === 'regressions' ? ' none' : ' nothing that can be seen')]}
            width={width}
            height={room}
          />
        ) : null}
      </Pane>
      {asking ? (
        <Question
          {...question}
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
      const state = trying ? 'trying it' : 'not tried yet (r)';
      return truncate(`${state}; above, the last trial: ${choiceText(shown)}`, width - 2);
    }
    if (harms === '') return style.good('no regressions: enter applies it');
    return style.bad(`${harms}: it is refused; f applies it anyway`);
  }

  /** The verdict, what to know of it, what it rests on, and how the model and its earlier edits stand. */
  function saidOf(found: ApplyResult): Said[] {
    const { metrics, drift, perplexity, standings, further } = found;
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
    ].join(' · ');
    const warnings = [...found.warnings, adviceText(found)].filter((text) => text !== undefined).join('; ');
    const all = [
      { text: verdictSentence(found), tone: verdictTone(found, style) },
      { text: onScreen(oneLine(warnings)), tone: style.warn },
      { text: gainsText(found) ?? numbers, tone: style.dim },
      { text: states, tone: style.dim },
    ];
    return all.filter(({ text }) => text !== '');
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

/** A sentence about the edit. */
interface Said {
  text: string;
  tone: (line: string) => string;
}

/** Sentences in as many lines as they may take, the first ones before the others; what is cut is seen to be cut. */
function withinLines(said: readonly Said[], width: number, most: number): string[] {
  const lines: string[] = [];
  for (const { text, tone } of said) {
    const left = most - lines.length;
    if (left <= 0) break;
    const own = wrapText(text, width);
    const rest = own.splice(left - 1);
    lines.push(...[...own, truncate(rest.join(' '), width)].filter(Boolean).map((line) => ` ${tone(line)}`));
  }
  return lines;
}
