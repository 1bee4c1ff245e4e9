// Lines drawn with braille characters: two dots by four in every cell of a terminal.

/** Bits of a cell's dots, column by column. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** A sheet of cells on which lines are drawn, later ones over earlier ones. */
export class BrailleSheet<T> {
  private readonly dots: Uint8Array;
  private readonly tones: (T | undefined)[];

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.dots = new Uint8Array(columns * rows);
    this.tones = new Array<T | undefined>(columns * rows);
  }

  /** A straight line between the middles of two cells. */
  line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], tone: T): void {
    const steps = Math.max(1, 2 * Math.abs(x1 - x0), 4 * Math.abs(y1 - y0));
    for (let step = 0; step <= steps; step++) {
      const x = Math.floor(2 * (x0 + ((x1 - x0) * step) / steps) + 0.5);
      const y = Math.floor(4 * (y0 + ((y1 - y0) * step) / steps) + 2);
      const [column, row] = [Math.floor(x / 2), Math.floor(y / 4)];
      if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) continue;
      const cell = row * this.columns + column;
      this.dots[cell] = (this.dots[cell] ?? 0) | (DOTS[x % 2]?.[y % 4] ?? 0);
      this.tones[cell] = tone;
    }
  }

  /** What stands in a cell, and its tone; undefined where nothing does. */
  cell(column: number, row: number): { text: string; tone: T } | undefined {
    const at = row * this.columns + column;
    const [dots, tone] = [this.dots[at], this.tones[at]];
    return dots && tone !== undefined ? { text: String.fromCodePoint(0x2800 + dots), tone } : undefined;
  }
}
