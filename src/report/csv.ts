// Tables as CSV (RFC 4180), safe to open in a spreadsheet: text that such a program would take for a formula is quoted as
// text. Numbers are written in full.

export type CsvValue = string | number | null | undefined;

export function csv(header: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  const lines = [line(header)];
  for (const row of rows) lines.push(line(row));
  return `${lines.join('\r\n')}\r\n`;
}

const line = (values: readonly CsvValue[]) => values.map(field).join(',');

function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  // An apostrophe is what spreadsheets put before text that is no formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
