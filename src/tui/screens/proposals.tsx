// Prompts that are proposed for a fact, the wordings of its relation, each with the model's top answers beside it.
import { useEffect, useState } from 'react';
import stringWidth from 'string-width';
import { errorData } from '../../errors.js';
import type { Fact } from '../../index.js';
import { percent, plural } from '../../report/numbers.js';
import { printable } from '../../report/style.js';
import { wrapText } from '../../report/table.js';
import { plainWord } from '../../report/words.js';
import { Lines } from '../components/lines.js';
import { Pane } from '../components/pane.js';
import { TableList } from '../components/table-list.js';
import { useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { type Asked, useAnswers } from '../hooks/use-answers.js';
import { useScope } from '../hooks/use-scope.js';
import { type Field, useTable } from '../hooks/use-table.js';
import { onScreen } from '../on-screen.js';

export interface ProposalsProps {
  fact: Fact;
  /** Tells apart the states of the model. */
  state: string;
  /** Is given the prompts that the fact is to have. */
  onTake: (prompts: string[]) => void;
  onClose: () => void;
  width: number;
  height: number;
}

/** Lines below the list: a rule, the prompt in whole, and its answers. */
const BELOW = 5;
const NONE: readonly string[] = [];

export function Proposals({ fact, state, onTake, onClose, width, height }: ProposalsProps) {
  const { session, style, tell } = useDesk();
  const [prompts, setPrompts] = useState<readonly string[]>();
  const { subject, relation } = fact;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is opened
  useEffect(() => {
    session?.propose({ subject: subject || '[X]', relation }).then(
      (found) => setPrompts(found.prompts),
      (error: unknown) => {
        tell(onScreen(errorData(error).message), 'bad');
        onClose();
      },
    );
  }, []);
  const answers = useAnswers(session, prompts && { ...fact, prompts: [...prompts] }, state);
  const listed = prompts ?? NONE;
  const answersWidth = width - 4 - Math.max(28, Math.floor(width * 0.45));
  const fields: Field<string>[] = [
    {
      title: `${plural(listed.length, 'wording')} of ${printable(relation)}`,
      show: (one) => `${fact.prompts.includes(one) ? '[x]' : '[ ]'} ${printable(one)}`,
    },
    {
      title: 'the model says',
      width: answersWidth,
      show: (one) => answersText(answers.get(one), answersWidth),
      tone: (text, one) => (isRight(answers.get(one)) ? style.good(text) : text),
    },
  ];
  const view = useTable(listed, fields, height - 1 - BELOW, true);
  const prompt = view.shown[view.at];
  const take = () => {
    if (prompt === undefined) return;
    const others = fact.prompts.filter((one) => one !== prompt);
    onTake(others.length < fact.prompts.length ? others : [...others, prompt]);
  };
  const all = () => {
    const right = listed.filter((one) => isRight(answers.get(one)));
    const further = right.filter((one) => !fact.prompts.includes(one));
    const asked = listed.filter((one) => !answers.has(one)).length;
    if (further.length > 0) onTake([...fact.prompts, ...further]);
    if (asked > 0) tell(`${asked} are still being asked: a again takes those of them that are answered so`);
    else if (further.length === 0) tell('there are no further ones that are answered with the object');
  };
  const close = () => {
    if (!view.clear()) onClose();
  };
  useKeys('proposals', { take, all, close }, true);
  useScope('proposals');

  const below = [
    style.dim('─'.repeat(width - 1)),
    ...(prompt === undefined ? [] : wrapText(printable(prompt), width - 2).slice(0, 2)),
    ...wrapText(
      prompt === undefined ? 'looking for wordings' : answersText(answers.get(prompt)),
      width - 2,
    ).map(style.dim),
  ];
  return (
    <Pane title={`  ${view.head(width - 2)}`} active width={width}>
      <TableList view={view} active width={width} height={height - 1 - BELOW} />
      <Lines lines={below.map((line) => ` ${line}`)} width={width} height={BELOW} />
    </Pane>
  );
}

function isRight(asked: Asked | undefined): boolean {
  return asked !== undefined && 'answer' in asked && asked.answer.target?.rank === 1;
}

/** "Almaty 98.3%, Thimphu 0.23%, first 0.10%"; of them as many as fit whole, one at least. */
function answersText(asked: Asked | undefined, room = Number.POSITIVE_INFINITY): string {
  if (!asked) return '…';
  if ('problem' in asked) return printable(asked.problem);
  return asked.answer.top
    .map(({ token, prob }) => `${printable(plainWord(token))} ${percent(prob)}`)
    .reduce((text, next) => (stringWidth(text) + 2 + stringWidth(next) > room ? text : `${text}, ${next}`));
}
