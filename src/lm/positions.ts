// Where rows stand in their sequences. Rows do not always lie in the order of the text: the target row comes last.

/** The positions of each sequence's rows; a single list where all sequences have the same. */
export type Positions = number[][];

/** Rows that lie in the order of the text. */
export function inOrder(length: number): Positions {
  return [Array.from({ length }, (_, i) => i)];
}

/** Rows in the order of the text, but the target row of each sequence behind its others. */
export function targetBehind(targets: readonly number[], length: number): Positions {
  const [first] = targets;
  const different = targets.every((target) => target === first) ? targets.slice(0, 1) : targets;
  return different.map((target) => {
    const others = Array.from({ length }, (_, i) => i).filter((i) => i !== target);
    return [...others, target];
  });
}

/** The positions of other sequences, each of which is a version of one of those given. */
export function pickPositions(positions: Positions, sequences: readonly number[]): Positions {
  if (positions.length === 1) return positions;
  return sequences.map((sequence) => positions[sequence] ?? []);
}

/** Of the last rows of each sequence. */
export function lastPositions(positions: Positions, count: number): Positions {
  return positions.map((own) => own.slice(own.length - count));
}
