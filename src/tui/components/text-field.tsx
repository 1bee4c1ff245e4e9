// A line of text to type into, with a cursor; what does not fit scrolls.
import { useRef, useState } from 'react';
import stringWidth from 'string-width';
import { printable } from '../../report/style.js';
import { useDesk } from '../desk.js';
import { useHold, usePressed } from '../hooks/keyboard.js';
import { actionOf } from '../keys.js';
import { edited, type Line, lineOf, textOf } from '../line-editor.js';
import { Text } from './text.js';

export interface TextFieldProps {
  label: string;
  value?: string;
  width: number;
  /** Several lines that are pasted are handed over at once, as they are; elsewhere their breaks become blanks. */
  takesLines?: boolean;
  /** Texts that can be had in place of what was typed. */
  proposals?: readonly string[];
  onSubmit: (text: string) => void;
  onCancel: () => void;
  /** @param proposed whether it is one of the proposals */
  onChange?: (text: string, proposed: boolean) => void;
  /** In a form: takes the text, and goes to the field before or behind. */
  onLeave?: (text: string, by: number) => void;
}

export function TextField({
  label,
  value = '',
  width,
  takesLines = false,
  proposals = [],
  onSubmit,
  onCancel,
  onChange,
  onLeave,
}: TextFieldProps) {
  const { style, tell } = useDesk();
  const [line, setLine] = useState(() => lineOf(value));
  const past = useRef<Line[]>([]);
  /** What was typed before a proposal took its place, and which one that is. */
  const [chosen, choose] = useState<{ typed: Line; at: number }>();
  const become = (next: Line, proposed = false) => {
    setLine(next);
    if (!proposed) choose(undefined);
    if (textOf(next) !== textOf(line)) onChange?.(textOf(next), proposed);
  };
  const propose = (by: number) => {
    const { typed, at } = chosen ?? { typed: line, at: -1 };
    const next = Math.max(-1, Math.min(proposals.length - 1, at + by));
    choose({ typed, at: next });
    become(next < 0 ? typed : lineOf(proposals[next] ?? ''), next >= 0);
  };
  useHold('text');
  usePressed((pressed) => {
    const action = pressed.pasted ? undefined : actionOf('text', pressed.key);
    if (action === 'cancel') onCancel();
    else if (action === 'submit') onSubmit(textOf(line));
    else if (action === 'next') onLeave?.(textOf(line), 1);
    else if (action === 'before') onLeave?.(textOf(line), -1);
    else if (action === 'nextProposal') propose(1);
    else if (action === 'lastProposal') propose(-1);
    else if (action === 'undo') become(past.current.pop() ?? line);
    else {
      const broken = pressed.text.includes('\n');
      const text = broken && !takesLines ? pressed.text.trim().replace(/\n+/g, ' ') : pressed.text;
      const next = edited(line, { ...pressed, text });
      if (textOf(next) !== textOf(line)) past.current.push(line);
      if (text !== pressed.text) tell('this is one line: the line breaks that were pasted are blanks now');
      if (broken && takesLines) onSubmit(textOf(next).trim());
      else become(next);
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
