/**
 * Tidy tables behind figures, and their CSV form.
 *
 * @module
 */

/** One value of a table; `null` is missing. */
export type DataValue = string | number | null;

/** Rows under named columns. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly DataValue[])[];
}

/** CSV after RFC 4180 with a header line; missing values and NaN are empty. */
export function toCsv({ columns, rows }: DataTable): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(value: DataValue): string {
  if (value === null || Number.isNaN(value)) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
