// A question that has to be answered before anything else: yes or no, or a word to type.
import { useState } from 'react';
import { truncate } from '../../report/cut.js';
import { wrapText } from '../../report/table.js';
import { useDesk } from '../desk.js';
import { useHold, useKeys } from '../hooks/keyboard.js';
import { Box } from '../ink.js';
import { Lines } from './lines.js';
import { Text } from './text.js';
import { TextField } from './text-field.js';

/** Most lines that one sentence takes. */
const LONGEST = 3;

export interface QuestionProps {
  /** What would happen, a sentence each. */
  lines: readonly string[];
  /** Must be typed to say yes; without it, y and n answer. */
  word?: string | undefined;
  width: number;
  onAnswer: (yes: boolean) => void;
}

/** Lines that the question takes: a rule, what would happen, and the answers or the word with what is wrong with it. */
export function questionHeight({ lines, word, width }: Omit<QuestionProps, 'onAnswer'>): number {
  return 1 + wrapped(lines, width).length + (word === undefined ? 1 : 2);
}

function wrapped(sentences: readonly string[], width: number): string[] {
  return sentences.flatMap((text) => {
    const own = wrapText(text, width);
    const rest = own.splice(LONGEST - 1);
    return rest.length > 0 ? [...own, truncate(rest.join(' '), width)] : own;
  });
}

export function Question({ lines, word, width, onAnswer }: QuestionProps) {
  const { style } = useDesk();
  const shown = wrapped(lines, width);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text>{style.dim('─'.repeat(width))}</Text>
      <Lines lines={shown} width={width} height={shown.length} />
      {word === undefined ? (
        <YesNo onAnswer={onAnswer} />
      ) : (
        <TypedWord word={word} width={width} onAnswer={onAnswer} />
      )}
    </Box>
  );
}

function YesNo({ onAnswer }: Pick<QuestionProps, 'onAnswer'>) {
  const { style } = useDesk();
  useHold('question');
  useKeys('question', { yes: () => onAnswer(true), no: () => onAnswer(false) }, true, 'question');
  return <Text>{style.accent('y yes   n no')}</Text>;
}

function TypedWord({ word, width, onAnswer }: Required<Pick<QuestionProps, 'word' | 'width' | 'onAnswer'>>) {
  const { style } = useDesk();
  const [wrong, setWrong] = useState(false);
  return (
    <>
      <TextField
        label={`type ${word} and enter:`}
        width={width}
        onSubmit={(text) => (text.trim() === word ? onAnswer(true) : setWrong(true))}
        onCancel={() => onAnswer(false)}
      />
      {wrong ? <Text>{style.bad(`that is not "${word}"; esc leaves things as they are`)}</Text> : null}
    </>
  );
}
