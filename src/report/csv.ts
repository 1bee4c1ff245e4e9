// Tables as CSV (RFC 4180, with line feeds), safe to open in a spreadsheet: what such a program would take for a formula is
// marked as text.

export type CsvValue = string | number | null | undefined;

export function csv(header: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  const lines = [line(header)];
  for (const row of rows) lines.push(line(row));
  return lines.join('\n');
}

const line = (values: readonly CsvValue[]) => values.map(field).join(',');

/** What spreadsheets calculate, unless it is a number. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d.]+(?:e[+-]?\d+)?%?$))/;

function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  // An apostrophe is what people type before text that is no formula.
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
