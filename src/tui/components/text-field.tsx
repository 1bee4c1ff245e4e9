// A line of text to type into, with a cursor; what does not fit scrolls.
import { useState } from 'react';
import stringWidth from 'string-width';
import { printable } from '../../report/style.js';
import { useDesk } from '../desk.js';
import { useHold, usePressed } from '../hooks/keyboard.js';
import { actionOf } from '../keys.js';
import { edited, lineOf, textOf } from '../line-editor.js';
import { Text } from './text.js';

export interface TextFieldProps {
  label: string;
  value?: string;
  width: number;
  /** Several lines that are pasted are handed over at once, as they are; elsewhere their breaks become blanks. */
  takesLines?: boolean;
  onSubmit: (text: string) => void;
  onCancel: () => void;
  onChange?: (text: string) => void;
}

export function TextField({
  label,
  value = '',
  width,
  takesLines = false,
  onSubmit,
  onCancel,
  onChange,
}: TextFieldProps) {
  const { style, tell } = useDesk();
  const [line, setLine] = useState(() => lineOf(value));
  useHold('text');
  usePressed((pressed) => {
    const action = pressed.pasted ? undefined : actionOf('text', pressed.key);
    if (action === 'cancel') onCancel();
    else if (action === 'submit') onSubmit(textOf(line));
    else {
      const broken = pressed.text.includes('\n');
      const text = broken && !takesLines ? pressed.text.trim().replace(/\n+/g, ' ') : pressed.text;
      const next = edited(line, { ...pressed, text });
      setLine(next);
      if (text !== pressed.text) tell('this is one line: the line breaks that were pasted are blanks now');
      if (broken && takesLines) onSubmit(textOf(next).trim());
      else if (textOf(next) !== textOf(line)) onChange?.(textOf(next));
    }
  });
  const room = Math.max(4, width - stringWidth(label) - 3);
  const { before, under, after } = visible(line.characters.map(printable), line.at, room);
  return (
    <Text wrap="truncate">
      {style.accent(label)} {before}
      {style.cursor(under)}
      {after}
    </Text>
  );
}

/** The part of a text around its cursor that fits into some columns: half of them for either side, if it needs them. */
export function visible(
  text: readonly string[],
  at: number,
  room: number,
): { before: string; under: string; after: string } {
  const under = text[at] ?? ' ';
  const left = room - stringWidth(under);
  const after = fitting(text.slice(at + 1), Math.floor(left / 2));
  const before = fitting(text.slice(0, at).reverse(), left - stringWidth(after.join('')));
  const rest = left - stringWidth(before.join(''));
  return {
    before: before.reverse().join(''),
    under,
    after: fitting(text.slice(at + 1), rest).join(''),
  };
}

/** As many of the first characters as fit. */
function fitting(characters: readonly string[], room: number): string[] {
  let left = room;
  const end = characters.findIndex((character) => {
    left -= stringWidth(character);
    return left < 0;
  });
  return characters.slice(0, end < 0 ? characters.length : end);
}
