// All that was tried on the fact on the bench, in the model's present state: to compare, and to go back to.
import { useEffect, useMemo, useState } from 'react';
import { type Choice, choiceOf } from '../bench.js';
import { Lines } from '../components/lines.js';
import { Pane } from '../components/pane.js';
import { TableList } from '../components/table-list.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useData } from '../hooks/use-data.js';
import { useMarks } from '../hooks/use-marks.js';
import { useScope } from '../hooks/use-scope.js';
import { useScroll } from '../hooks/use-scroll.js';
import { useTable } from '../hooks/use-table.js';
import { TRYING } from '../hooks/use-trials.js';
import { Box } from '../ink.js';
import { screenLines } from '../screen-lines.js';
import { BEST, bestOf } from '../trials.js';
import { compareTrials } from './trial-comparison.js';
import { choiceText, type ListedTrial, TRIAL_FIELDS, textAmong } from './trial-fields.js';

/** Lines below the list: what is at hand, and the rule. */
const FOOT = 2;

export function TrialsScreen({ width, height, active }: ScreenProps) {
  const { bench, tried, elsewhere, trial, change, tell, style, work } = useDesk();
  const [marks, mark] = useMarks(useMemo(() => tried.map(({ key }) => key), [tried]));
  const [comparing, setComparing] = useState(false);
  useEffect(() => {
    if (!bench.listing) setComparing(false); // whoever comes back comes to the list, as it was left
  }, [bench.listing]);
  const best = bestOf(tried);
  const listed = useMemo(
    () =>
      tried.map((one, i): ListedTrial => {
        const signs = `${marks.includes(one.key) ? '●' : ''}${one === best ? '★' : ''}`;
        return { trial: one, text: textAmong(one, tried), number: i + 1, signs };
      }),
    [tried, marks, best],
  );
  const listHeight = height - 1 - FOOT;
  const view = useTable(listed, TRIAL_FIELDS, listHeight, active && !comparing);
  const two = marks.flatMap((key) => listed.filter((one) => one.trial.key === key));
  const [first, second] = two;
  const page = useMemo(
    () =>
      comparing && first && second
        ? screenLines((page) => compareTrials([first, second], page), width, style)
        : [],
    [comparing, first, second, width, style],
  );
  const room = height - 1;
  const { shown, place, toTop } = useScroll(page, room, active && comparing);
  const close = () => {
    if (comparing) setComparing(false);
    else if (!view.clear()) change({ type: 'list', shown: false });
  };
  const chosen = view.shown[view.at];
  useKeys(
    'trials',
    {
      take: () => chosen && change({ type: 'take', trial: chosen.trial }),
      mark: () => chosen && mark(chosen.trial.key),
      compare: () => {
        if (!second) tell('space marks two trials to compare', 'bad');
        else {
          setComparing(true);
          toTop();
        }
      },
      close: () => change({ type: 'list', shown: false }),
    },
    active && !comparing,
  );
  useKeys('comparison', { close }, active && comparing);
  useScope('comparison', active && comparing);
  useKeys('everywhere', { back: close }, active && !work);

  useData(() => tried, active);

  if (!active) return null;
  if (page.length > 0) {
    return (
      <Pane title={`trials ${first?.number} and ${second?.number}`} note={place} active width={width}>
        <Lines lines={shown} width={width} height={room} />
      </Pane>
    );
  }
  const choice = choiceOf(bench);
  const atHand = (present: Choice) => {
    const found = listed.find((one) => one.trial === trial);
    return found
      ? `trial ${found.number}, ${found.text}`
      : `${choiceText({ choice: present })}, ${work?.label === TRYING ? 'being tried' : 'not tried yet'}`;
  };
  return (
    <Box flexDirection="column" height={height}>
      <Pane title={`  ${view.head(width - 2)}`} active width={width}>
        <TableList
          view={view}
          active={active}
          width={width}
          height={listHeight}
          empty={
            elsewhere === 0
              ? ' nothing was tried yet on this fact'
              : ` nothing was tried on this fact in the model's present state; ${elsewhere} in others`
          }
        />
      </Pane>
      <Lines
        lines={[
          choice ? ` at hand: ${atHand(choice)}` : '',
          style.dim(best ? ` ★ best: ${BEST}` : ` no ★ yet: ${BEST}`),
        ]}
        width={width}
        height={FOOT}
      />
    </Box>
  );
}
