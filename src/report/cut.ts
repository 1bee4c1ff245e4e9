// Cutting texts to a width; those of one column, such as prompts, so that what tells them apart stays.
import stringWidth from 'string-width';

/** Cuts plain text to a width, with an ellipsis; wide characters count as two columns. */
export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * Cuts texts to a width. What a text shares with another one at its start and its end gives way first: of "The capital of
 * France is [MASK]." among the capitals "…of France is…" is left, not "The capital of Fr…".
 */
export function cutTexts(texts: readonly string[], width: number): string[] {
  if (texts.every((text) => stringWidth(text) <= width)) return [...texts];
  const starts = sharedStarts(texts);
  const ends = sharedStarts(texts.map(reversed));
  return texts.map((text, i) => {
    if (stringWidth(text) <= width) return text;
    const symbols = [...text];
    const start = starts[i] ?? 0;
    const end = Math.max(start + 1, symbols.length - (ends[i] ?? 0));
    const own = symbols.slice(0, end);
    if (start === 0 || start >= symbols.length || stringWidth(own.join('')) < width)
      return truncate(text, width);
    return cutBefore(own, start, end < symbols.length, width);
  });
}

/** Cuts at the start, so far that the part from `own` on is seen, or as much of it as there is room for. */
function cutBefore(symbols: string[], own: number, open: boolean, width: number): string {
  let from = own;
  const shown = (start: number) => `…${symbols.slice(start).join('')}${open ? '…' : ''}`;
  while (from > 0 && stringWidth(shown(from - 1)) <= width) from--;
  return truncate(shown(from), width);
}

/** How many characters each text shares with some other one from its start: with a neighbour, once they are sorted. */
function sharedStarts(texts: readonly string[]): number[] {
  const order = texts.map((_, i) => i).sort((a, b) => compare(texts[a] ?? '', texts[b] ?? ''));
  const shared = texts.map(() => 0);
  for (let k = 1; k < order.length; k++) {
    const [a = 0, b = 0] = [order[k - 1], order[k]];
    const length = common([...(texts[a] ?? '')], [...(texts[b] ?? '')]);
    shared[a] = Math.max(shared[a] ?? 0, length);
    shared[b] = Math.max(shared[b] ?? 0, length);
  }
  return shared;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const reversed = (text: string) => [...text].reverse().join('');

/** Letters of scripts that put blanks between words. */
const IN_WORDS =
  /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}\p{N}]$/u;
const inWord = (character = '') => IN_WORDS.test(character);

/** How many characters two texts share from their starts, in whole words. */
function common(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  while (inWord(a[length - 1]) && (inWord(a[length]) || inWord(b[length]))) length--;
  return length;
}
