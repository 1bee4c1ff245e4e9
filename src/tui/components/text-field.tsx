// A line of text to type into, with a cursor; what does not fit scrolls. Works by what people call characters, so that
// accents, emoji and wide scripts are one step each.

import { useState } from 'react';
import stringWidth from 'string-width';
import { useDesk } from '../desk.js';
import { useHold, usePressed } from '../hooks/keyboard.js';
import { Text } from '../ink.js';

export interface TextFieldProps {
  label: string;
  value?: string;
  width: number;
  /** Several lines come when several were pasted. */
  onSubmit: (text: string) => void;
  onCancel: () => void;
  onChange?: (text: string) => void;
}

export function TextField({ label, value = '', width, onSubmit, onCancel, onChange }: TextFieldProps) {
  const { style } = useDesk();
  const [{ text, at }, setState] = useState(() => ({
    text: characters(value),
    at: characters(value).length,
  }));
  useHold(label, true);
  const edit = (next: string[], cursor: number) => {
    setState({ text: next, at: Math.max(0, Math.min(next.length, cursor)) });
    if (next.join('') !== text.join('')) onChange?.(next.join(''));
  };
  usePressed(({ input, key }) => {
    if (key.escape) onCancel();
    else if (key.return) onSubmit(text.join(''));
    else if (key.leftArrow) edit(text, at - 1);
    else if (key.rightArrow) edit(text, at + 1);
    else if (key.home || (key.ctrl && input === 'a')) edit(text, 0);
    else if (key.end || (key.ctrl && input === 'e')) edit(text, text.length);
    else if (key.ctrl && input === 'u') edit(text.slice(at), 0);
    else if (key.backspace || key.delete)
      edit([...text.slice(0, Math.max(0, at - 1)), ...text.slice(at)], at - 1);
    else if (!key.ctrl && !key.meta && input) {
      const added = characters(input.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n]/gu, ''));
      const next = [...text.slice(0, at), ...added, ...text.slice(at)];
      if (added.includes('\n')) onSubmit(next.join('').replace(/\n+$/, ''));
      else edit(next, at + added.length);
    }
  });
  const room = Math.max(4, width - stringWidth(label) - 3);
  const { before, under, after } = visible(text, at, room);
  return (
    <Text wrap="truncate">
      {style.accent(label)} {before}
      {style.cursor(under)}
      {after}
    </Text>
  );
}

/** The part of a text around its cursor that fits into some columns. */
export function visible(
  text: readonly string[],
  at: number,
  room: number,
): { before: string; under: string; after: string } {
  const under = text[at] ?? ' ';
  let left = room - stringWidth(under);
  let first = at;
  while (first > 0 && stringWidth(text[first - 1] ?? '') <= left) left -= stringWidth(text[--first] ?? '');
  let last = at + 1;
  while (last < text.length && stringWidth(text[last] ?? '') <= left) left -= stringWidth(text[last++] ?? '');
  return { before: text.slice(first, at).join(''), under, after: text.slice(at + 1, last).join('') };
}

function characters(text: string): string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}
