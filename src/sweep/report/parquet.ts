// The prompts of a run as Parquet, which pandas, polars and DuckDB read as it is.
import { parquetWriteBuffer } from 'hyparquet-writer';
import { PROMPT_COLUMNS } from './prompts.js';

/** @param rows as `promptRows` gives them */
export function promptsParquet(
  rows: readonly (readonly (string | number | null | undefined)[])[],
): Uint8Array {
  const columnData = PROMPT_COLUMNS.map(({ name, type }, i) => {
    return { name, type, nullable: true, data: rows.map((row) => row[i] ?? null) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'kn-edit' }));
}
