// Step 3: what to do to the neurons, and at once what that would do to the model.
import { useEffect, useMemo, useRef, useState } from 'react';
import { errorData } from '../../errors.js';
import type { Operation, Session } from '../../index.js';
import { factLine } from '../../report/localization.js';
import { percent, percentOr, points, score } from '../../report/numbers.js';
import { PLAIN, printable } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { verdictText, verdictTone } from '../../report/verdict.js';
import { AT_SUBJECT, neuronsFor, OF_WHOLE_LAYERS, usualMethod } from '../../spec/choices.js';
import { keyOf, type Trial } from '../bench.js';
import { Lines } from '../components/lines.js';
import { List } from '../components/list.js';
import { NotYet, useMissing } from '../components/not-yet.js';
import { Divider, Pane } from '../components/pane.js';
import { TextField } from '../components/text-field.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useChoices } from '../hooks/use-choices.js';
import { useCursor } from '../hooks/use-cursor.js';
import { TRYING } from '../hooks/use-trials.js';
import { Box } from '../ink.js';
import { onScreen } from '../on-screen.js';
import { formOf } from './operation-form.js';
import { choiceText } from './trial-fields.js';
import { trialHead, trialRows } from './trial-rows.js';

/** Lines that are kept below the probes for what is said of the trial: the list is not to jump. */
const LEAST_SAID = 3;

export function OperateScreen({ width, height, active }: ScreenProps) {
  const { bench, change, session, model, edits, located, style, work, trial, last } = useDesk();
  const { edit, chosen, left } = bench;
  const [focus, setFocus] = useState<'form' | 'probes'>('form');
  const [typing, setTyping] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const remembered = useRef('');
  const operation = edit?.operation;
  if (operation?.type === 'rewrite' && typeof operation.to === 'string') remembered.current = operation.to;

  // Which neurons that is depends on the operation: a solved rewrite takes further ones of one layer.
  const choosing = active && edit && (located || edit.neurons) ? edit : undefined;
  useEffect(() => {
    if (!session || !model || !choosing) return;
    let current = true;
    session.choose(choosing, located).then(
      (neurons) => {
        if (!current) return;
        setProblem(undefined);
        change({ type: 'chosen', neurons });
      },
      (error: unknown) => {
        if (!current) return;
        setProblem(onScreen(errorData(error).message));
        change({ type: 'chosen', neurons: [] });
      },
    );
    return () => {
      current = false;
    };
  }, [session, model, choosing, located, change]);

  const trying = work?.label === TRYING;
  const kept = chosen.length - left.size;
  const method = operation?.type === 'rewrite' ? operation.method : undefined;
  const whole = OF_WHOLE_LAYERS.includes(method);
  // What is selected at the subject has no share and no score.
  const scored = !AT_SUBJECT.includes(method);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew for another list of edits
  const held = useMemo(() => (session && model ? heldIn(session) : 0), [session, model, edits]);
  const form = operation
    ? formOf(operation, remembered.current, usualMethod(model?.causal ?? false), (one) =>
        neuronsFor(one, held, model?.neurons ?? 0),
      )
    : [];
  const listening = active && typing === undefined;
  const [at, setAt] = useCursor(form.length + chosen.length, height - 2, listening && focus === 'form');
  const side = Math.min(44, Math.max(29, Math.floor(width * 0.32)));
  const wide = width - side - 3;
  // Until there is a trial of what is chosen now, the last one stays, dimmed.
  const typed = operation?.type !== 'rewrite' || operation.to !== '';
  const shown = trial ?? (problem === undefined && typed && kept > 0 ? last : undefined);
  const rows = useMemo(() => {
    if (!shown) return [];
    if (shown === trial) return trialRows(shown, wide - 2, style);
    return trialRows(shown, wide - 2, PLAIN).map((row) => ({ ...row, line: style.dim(row.line) }));
  }, [shown, trial, wide, style]);
  const said = shown === undefined ? [] : shown === trial ? summary(shown) : outdated(shown);
  const below = Math.max(LEAST_SAID, said.length);
  const listHeight = height - 2 - below;
  const [probe] = useCursor(rows.length, listHeight, listening && focus === 'probes');
  const setOperation = (next: Operation) => change({ type: 'operation', operation: next });
  const turn = (by: number) => () => {
    const turned = focus === 'form' ? form[at]?.turn?.(by) : undefined;
    if (turned) setOperation(turned);
  };
  const next = () => edit && change({ type: 'go', step: 'check' });
  useKeys(
    'operate',
    {
      less: turn(-1),
      more: turn(1),
      change: () => {
        if (focus === 'form' && form[at]?.type) setTyping(at);
        else if (focus === 'form' && at >= form.length && chosen.length > 0) {
          change({ type: 'look', looking: { neurons: chosen, at: at - form.length, edit: 'bench' } });
        } else next();
      },
      next,
      tick: () => {
        const neuron = focus === 'form' ? chosen[at - form.length] : undefined;
        if (neuron && !whole) change({ type: 'tick', key: keyOf(neuron) });
      },
      pane: () => setFocus(focus === 'form' ? 'probes' : 'form'),
    },
    listening,
  );
  useChoices(listening);
  const missing = useMissing();

  if (!active) return null;
  if (missing !== undefined || !edit) return <NotYet text={missing} width={width} height={height} />;
  const formHeight = form.length + (typing === undefined ? 0 : 1);
  return (
    <Box>
      <Pane title={factLine(edit.fact)} active={focus === 'form'} width={side}>
        <List
          rows={form.map(({ label, value, turn: turns }) => {
            const shown = turns ? `‹${value}›` : value;
            return `${fitTo(label, 11)}${fitTo(shown, side - 13)}`;
          })}
          cursor={at < form.length ? at : -1}
          active={focus === 'form'}
          width={side}
          height={form.length}
        />
        {typing === undefined ? null : (
          <TextField
            label={form[typing]?.label ?? ''}
            value={remembered.current}
            width={side}
            onSubmit={(text) => {
              setTyping(undefined);
              const typed = text.trim() ? form[typing]?.type?.(text.trim()) : undefined;
              if (typed) setOperation(typed);
              setAt(typing);
            }}
            onCancel={() => setTyping(undefined)}
          />
        )}
        <Lines
          lines={[
            '',
            style.dim(
              scored
                ? `  ${fitTo(taken(), 12)}${'share'.padStart(5)}${'score'.padStart(9)}`
                : `  ${whole ? `all ${chosen.length} of the layers` : `${kept}/${chosen.length} taken`}`,
            ),
          ]}
          width={side}
          height={2}
        />
        <List
          rows={chosen.map((one) => {
            const numbers = `${percent(one.share).padStart(5)} ${score(one.meanScore).padStart(8)}`;
            const box = whole ? '   ' : left.has(keyOf(one)) ? '[ ]' : '[x]';
            return `${box} ${fitTo(keyOf(one), 8)}${scored ? numbers : ''}`;
          })}
          cursor={at - form.length}
          active={focus === 'form'}
          width={side}
          height={Math.max(1, height - 3 - formHeight)}
        />
      </Pane>
      <Divider height={height} />
      <Pane title={shown ? trialHead(wide - 2) : 'trial'} active={focus === 'probes'} width={wide}>
        {shown ? (
          <>
            <List
              rows={rows.map(({ line }) => line)}
              cursor={probe}
              active={focus === 'probes'}
              width={wide}
              height={listHeight}
            />
            <Lines lines={[ruled(), ...said]} width={wide} height={1 + below} />
          </>
        ) : (
          <Lines lines={waiting()} width={wide} height={height - 1} />
        )}
      </Pane>
    </Box>
  );

  /** "9/9 taken", as far as there is room. */
  function taken(): string {
    const numbers = `${kept}/${chosen.length}`;
    return numbers.length > 6 ? numbers : `${numbers} taken`;
  }

  function waiting(): string[] {
    if (!typed) return ['', 'Type the new object: enter on its line.'];
    if (problem) return ['', ...wrapText(printable(problem), wide - 1).map(style.warn)];
    if (kept === 0 && chosen.length > 0) return ['', 'Every neuron is left out; space takes one in.'];
    return [
      '',
      style.dim(trying ? 'trying it out; nothing is changed' : 'r tries it out; nothing is changed'),
    ];
  }

  /** A rule, or the prompt that the cursor is on, in whole. */
  function ruled(): string {
    const prompt = rows[probe]?.prompt ?? '';
    return focus === 'probes' ? style.accent(fitTo(prompt, wide)) : style.dim('─'.repeat(wide));
  }

  /** Below the last trial, while what is chosen now is tried. */
  function outdated(one: Trial): string[] {
    const now = trying ? 'trying what is chosen now' : 'what is chosen now is not tried yet (r)';
    return [
      now,
      ...told(`above, the last trial: ${choiceText(one)}`, style.dim),
      ...(one.result ? told(verdictText(one.result), style.dim) : []),
    ];
  }

  /** The verdict, what it rests on, and the same of random neurons. */
  function summary({ result, stopped }: Trial): string[] {
    if (!result) {
      return told(
        stopped
          ? 'stopped before the control; r tries again'
          : 'now the same on random neurons, for comparison',
        style.dim,
      );
    }
    const { metrics, control, warnings } = result;
    const damage = metrics.sideEffects.damage;
    const others = control
      ? `random: effect ${points(control.effect.mean)} · damage ${percent(control.damage.mean)}`
      : warnings.find((one) => one.startsWith('no control'));
    return [
      ...told(verdictText(result), verdictTone(result, style)),
      ...told(`effect ${points(metrics.effect)} · damage ${percentOr(damage)}`),
      ...(others === undefined ? [] : told(others, style.dim)),
    ];
  }

  /** In as many lines as it takes: half a verdict is another one. */
  function told(text: string, tone = (line: string) => line): string[] {
    return wrapText(printable(text), wide - 1).map(tone);
  }
}

/** Earlier edits that one more holds. That a ledger cannot be read is told where it is listed. */
function heldIn(session: Session): number {
  try {
    return session.held();
  } catch {
    return 0;
  }
}
