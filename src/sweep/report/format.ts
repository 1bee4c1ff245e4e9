// Numbers of a report as people read them, each by its unit.
import { change, percent } from '../../report/numbers.js';
import type { Manifest } from '../manifest.js';
import type { Unit } from './definitions.js';
import type { Estimate } from './statistics.js';

export function valueText(unit: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  switch (unit) {
    case 'count':
      return value.toFixed(2);
    case 'share':
      return percent(value);
    case 'change':
      return change(value);
    case 'probability':
    case 'activation':
      return value.toFixed(3).replace(/^-0\.000$/, '0.000');
    case 'perplexity':
      return Math.abs(value) >= 1e6 ? value.toExponential(1) : signed(value);
  }
}

/** Three digits that say something, with a sign: +0.521, -12.3, +1234. */
function signed(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toFixed(digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text.replace(/^-(0\.0+)$/, '$1');
}

/** A standard deviation, or a number before it was changed: no difference, whatever the unit is of. */
export function plainText(unit: Unit, value: number | null | undefined): string {
  if (unit === 'perplexity') return valueText('count', value);
  return valueText(unit === 'change' ? 'share' : unit, value);
}

/** "1.02 to 1.34"; a dash where there is none. */
export function intervalText(unit: Unit, { low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return low === null || high === null ? '–' : `${valueText(unit, low)} to ${valueText(unit, high)}`;
}

/** What of its facts a run has no results of, for the end of a sentence: ", 3 failed, 10 not done yet". */
export function missingText({ counts: { failed, waiting } }: Manifest): string {
  return `${failed > 0 ? `, ${failed} failed` : ''}${waiting > 0 ? `, ${waiting} not done yet` : ''}`;
}
