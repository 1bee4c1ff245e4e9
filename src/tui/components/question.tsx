// A question that has to be answered before anything else: yes or no, or a word to type.
import { useState } from 'react';
import { useDesk } from '../desk.js';
import { useHold, useKeys } from '../hooks/keyboard.js';
import { Box } from '../ink.js';
import { Text } from './text.js';
import { TextField } from './text-field.js';

export interface QuestionProps {
  /** What would happen, a line each. */
  lines: readonly string[];
  /** Must be typed to say yes; without it, y and n answer. */
  word?: string | undefined;
  width: number;
  onAnswer: (yes: boolean) => void;
}

export function Question({ lines, word, width, onAnswer }: QuestionProps) {
  const { style } = useDesk();
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text>{style.dim('─'.repeat(width))}</Text>
      {lines.map((line) => (
        <Text key={line} wrap="truncate">
          {line}
        </Text>
      ))}
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
