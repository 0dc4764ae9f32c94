/**
 * The outputs of a job as its stage writes them: tables are opened at their first rows and closed
 * by the engine's side of the process, files go into a folder of their own.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path";
import { pathFault } from "../base/relative_path.ts";
import { TableWriter, type WriterOptions } from "../../arrow/writer.ts";
import type { Columns, TableSchema } from "../../arrow/schema.ts";
import { outputSchema } from "./interface.ts";
import type { FinishedFiles, FinishedTable, Job } from "./job.ts";
import { checkRows } from "./row_check.ts";
import type { OutputFiles, Outputs, OutputTable } from "./stage.ts";

/** All outputs of one job. */
export class JobOutputs {
  /** What the stage receives. */
  readonly handles: Readonly<Record<string, OutputTable<Columns> | OutputFiles>>;
  readonly #outputs: Readonly<Record<string, Table | Files>>;

  constructor(specs: Outputs, job: Job) {
    this.#outputs = Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => {
        const schema = outputSchema(spec);
        const path = join(job.outputFolder, name);
        return [
          name,
          schema ? new Table(`${path}.arrow`, name, schema, job) : new Files(path, name),
        ];
      }),
    );
    this.handles = this.#outputs;
  }

  /** Closes every output. @throws {Error} if one was never written. */
  finish(): Record<string, FinishedTable | FinishedFiles> {
    return Object.fromEntries(
      Object.entries(this.#outputs).map(([name, output]) => [name, output.finish()]),
    );
  }
}

class Table implements OutputTable<Columns> {
  readonly #path: string;
  readonly #name: string;
  readonly #schema: TableSchema;
  readonly #job: Job;
  #options: Pick<WriterOptions<Columns>, "shapes" | "metadata"> = {};
  #writer: TableWriter<Columns> | null = null;
  #written = false;

  constructor(path: string, name: string, schema: TableSchema, job: Job) {
    this.#path = path;
    this.#name = name;
    this.#schema = schema;
    this.#job = job;
  }

  configure(options: Pick<WriterOptions<Columns>, "shapes" | "metadata">): void {
    if (this.#writer) {
      throw new Error(`Cannot configure output "${this.#name}" as it has rows already`);
    }
    this.#options = options;
    this.#written = true;
  }

  append(rows: Parameters<OutputTable<Columns>["append"]>[0]): void {
    checkRows(this.#name, this.#schema, rows);
    this.#written = true;
    this.#open().append(rows);
  }

  finish(): FinishedTable {
    if (!this.#written) {
      throw new Error(
        `Cannot finish as output "${this.#name}" was never written: append its rows, or call its ` +
          "configure() where it has none",
      );
    }
    const { rowCount, columns } = this.#open().close();
    return { kind: "table", path: this.#path, rows: rowCount, columns };
  }

  #open(): TableWriter<Columns> {
    return this.#writer ??= new TableWriter(this.#path, this.#schema, {
      ...this.#options,
      provenance: { stage_key: this.#job.key, instance: this.#job.instance },
    });
  }
}

class Files implements OutputFiles {
  readonly #folder: string;
  readonly #name: string;
  readonly #paths: Record<string, string> = {};

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  write(path: string, content: string | Uint8Array): void {
    const relative = normalize(path);
    const fault = pathFault(relative);
    if (fault !== null) {
      throw new Error(`Cannot write ${JSON.stringify(path)} to output "${this.#name}" as ${fault}`);
    }
    const target = join(this.#folder, relative);
    Deno.mkdirSync(dirname(target), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(target, bytes);
    this.#paths[relative] = target;
  }

  finish(): FinishedFiles {
    if (Object.keys(this.#paths).length === 0) {
      throw new Error(`Cannot finish as output "${this.#name}" was never written: write its files`);
    }
    return { kind: "files", paths: this.#paths };
  }
}
