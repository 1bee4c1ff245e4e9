// Numbers as people read them.

/** A probability as a percentage with as many digits as say something: 98.3%, 0.02%, <0.001%. */
export function percent(p: number): string {
  const value = 100 * p;
  if (p === 0 || p === 1) return `${value}%`;
  if (value < 0) return `-${percent(-p)}`;
  if (value < 0.001) return '<0.001%';
  if (value < 0.1) return `${value.toFixed(3)}%`;
  if (value < 1) return `${value.toFixed(2)}%`;
  return `${value.toFixed(1)}%`;
}

/** The same, or a dash where there is nothing to measure. */
export function percentOr(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : percent(value);
}

/** A change of probability in percentage points. */
export function points(value: number): string {
  const text = (100 * value).toFixed(1).replace(/^-0\.0$/, '0.0');
  return `${value > 0 && text !== '0.0' ? '+' : ''}${text} points`;
}

/** A relative change: +0.06%, -1.2%, ×40 where it is no change in percents any more. */
export function change(share: number): string {
  if (share >= 10) return `×${share < 1e6 ? (1 + share).toFixed(0) : (1 + share).toExponential(0)}`;
  return share > 0 ? `+${percent(share)}` : percent(share);
}

/** A small signed number in few digits. */
export function signed(value: number): string {
  return value >= 0 ? `+${score(value)}` : score(value);
}

/** A mean attribution score. */
export function score(value: number): string {
  return Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(4) : value.toExponential(1);
}

/** A residual: 8.5e-4. */
export function scientific(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

/** Bytes as people compare them: 4.2 MB, 436 MB, 1.3 GB, 24.9 GB. */
export function megabytes(bytes: number): string {
  const [value, unit] = bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < (unit === 'GB' ? 100 : 10) ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** A rate in billions of operations a second: 130, 57, 9.1, 0.41. */
export function gigaflops(rate: number): string {
  return rate < 10 ? rate.toPrecision(2) : rate.toFixed(0);
}

/** A large count in words: 26.0 thousand, 134.5 million, 1.24 billion. */
export function inWords(count: number): string {
  if (count < 1e5) return `${(count / 1e3).toFixed(1)} thousand`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(2)} billion`;
}

/** A duration that was estimated: 4 s, 3 min, 2 h. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** 1 edit, 2 edits. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** "2 and 3", "0, 1 and 2". */
export function enumerated(items: readonly (string | number)[]): string {
  return [items.slice(0, -1).join(', '), ...items.slice(-1)].filter((one) => one !== '').join(' and ');
}

/** A bar for a share of 1, in eighths of a cell. */
export function bar(share: number, cells: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  const rest = ' ▏▎▍▌▋▊▉'[eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + (eighths % 8 ? rest : '');
}

/** A probability in four columns: 98%, <1%. */
export function shortPercent(p: number): string {
  if (p > 0 && p < 0.005) return '<1%';
  return `${(100 * p).toFixed(0)}%`;
}
