// What a terminal says of its mouse (SGR), taken out of what it says of keys.

/** A place on the screen; both from 0. */
export interface Place {
  column: number;
  row: number;
}

/** What the mouse did: a click of its first button, or a turn of its wheel. */
export type Moved = { click: Place } | { wheel: 'up' | 'down' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: so it begins
const REPORT = /\u001b\[<(\d+);(\d+);(\d+)([Mm])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const BEGUN = /\u001b\[<[\d;]*$/;
/** Numbers of the buttons. */
const [FIRST, UP, DOWN] = [0, 64, 65];

/** @returns takes pieces of what the terminal sends, and gives back what is of keys */
export function mouseFilter(onMoved: (moved: Moved) => void): (piece: string) => string {
  let begun = '';
  return (piece) => {
    const text = begun + piece;
    begun = BEGUN.exec(text)?.[0] ?? '';
    return text.slice(0, text.length - begun.length).replace(REPORT, (_, button, column, row, end) => {
      const number = Number(button);
      if (number === FIRST && end === 'M') onMoved({ click: { column: column - 1, row: row - 1 } });
      if (number === UP || number === DOWN) onMoved({ wheel: number === UP ? 'up' : 'down' });
      return '';
    });
  };
}
