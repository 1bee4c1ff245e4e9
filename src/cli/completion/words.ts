// The words of a command line that is still being typed, as a shell would hand them over.

const PIECE = /(?:[^\s"'\\]|\\.?|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs;

/** @returns the words, without their quotes; the last one is that under the cursor, empty behind a blank */
export function wordsOf(line: string): string[] {
  const pieces = line.match(PIECE) ?? [];
  const open = line === '' || /(?<!\\)\s$/.test(line) ? [''] : [];
  const last = pieces.at(-1);
  const within = last !== undefined && line.endsWith(last) && open.length > 0; // a blank within open quotes
  return [...pieces.map(unquoted), ...(within ? [] : open)];
}

function unquoted(piece: string): string {
  return piece.replace(/\\(.?)|"((?:[^"\\]|\\.)*)"?|'([^']*)'?/gs, (_, escaped, double, single) => {
    return escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? '';
  });
}
