/**
 * Tables in Arrow IPC files. This module loads Arrow: planners and stage declarations import
 * `schema.ts` alone.
 *
 * @module
 */
export { TableFile } from "./reader.ts";
export { type TableSummary, TableWriter, type WriterOptions } from "./writer.ts";
export type { Columns, ColumnValues, Rows, TableSchema } from "./schema.ts";
