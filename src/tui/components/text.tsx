// Text on the screen: whatever is in it, the terminal obeys nothing but the colours of the style.
import { Children, type ReactNode } from 'react';
import { printableCell } from '../../report/style.js';
import { Text as InkText } from '../ink.js';

export function Text({ wrap, children }: { wrap?: 'truncate'; children?: ReactNode }) {
  const text = Children.toArray(children).join('');
  return <InkText {...(wrap && { wrap })}>{printableCell(text)}</InkText>;
}
