// Sentences out of text files, and an order of them of which every beginning is spread over the files.

/** Longer texts say nothing that shorter ones do not, and shorter ones are headings and remnants. In characters. */
export const LENGTHS = { least: 30, most: 500 };

/** The source of sentences that are of no file, but the facts of the model in words. */
export const FACTS_IN_WORDS = 'the facts of the model';

/**
 * The sentences of a text by Unicode's rules (UAX 29). Paragraphs stand apart by an empty line; other line breaks are
 * blanks.
 */
export function sentencesOf(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' }); // whatever the language of the machine
  return (
    text
      .split(/\n\s*\n/)
      // Each one as it comes: the segmenter's own results have a copy of the whole paragraph.
      .flatMap((paragraph) =>
        Array.from(segmenter.segment(paragraph.replaceAll(/\s+/g, ' ')), ({ segment }) => segment.trim()),
      )
      .filter(({ length }) => length >= LENGTHS.least && length <= LENGTHS.most)
  );
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The items in the order of the fractional parts of i * 0.618…: wherever one stops, those before are spread evenly over
 * all (the golden ratio leaves no larger gaps than it must).
 */
export function spread<T>(items: readonly T[]): T[] {
  const key = (i: number) => (i * GOLDEN) % 1;
  return items
    .map((item, i) => ({ item, key: key(i) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
