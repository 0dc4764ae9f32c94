/**
 * Puts the input of a report together from the tables that the stages left. Tables are read when
 * they are first asked for: who asks for claims alone reads what these rest on.
 *
 * @module
 */
import type { TableFile } from "../../arrow/reader.ts";
import type { Columns } from "../../arrow/schema.ts";
import {
  datasheetSchema,
  decompositionSchema,
  embeddingSchema,
  historySchema,
  invarianceSchema,
  linearProbeSchema,
  neighbourSchema,
  predictionSchema,
  probeSchema,
  sampleSchema,
  toySchema,
} from "../../tables/schemas.ts";
import type { GatheredTable } from "../../pipeline/stage/stage.ts";
import type { Claim } from "./claim.ts";
import type {
  Axes,
  Measured,
  NamedDatasheet,
  NeighbourPicture,
  ReportInput,
  Run,
  SamplePicture,
} from "./input.ts";

/** The tables of a report by the names of the report stage's inputs. */
export const REPORT_SCHEMAS = {
  history: historySchema,
  probe: probeSchema,
  predictions: predictionSchema,
  invariance: invarianceSchema,
  pixels: probeSchema,
  samples: sampleSchema,
  datasheet: datasheetSchema,
  other_datasheets: datasheetSchema,
  linear: linearProbeSchema,
  decomposition: decompositionSchema,
  transfer: probeSchema,
  toy: toySchema,
  neighbours: neighbourSchema,
  embedding: embeddingSchema,
} as const;

/** Names of the report stage's inputs. */
export type ReportTable = keyof typeof REPORT_SCHEMAS;

/** Gathered tables by input; `datasheet` has one member. */
export type ReportTables = {
  readonly [N in ReportTable]: readonly GatheredTable<(typeof REPORT_SCHEMAS)[N]["columns"]>[];
};

/** What a report is given beside tables. */
export interface ReportSettings {
  readonly title: string;
  readonly profile: string | null;
  /** Settings of the pipeline to show. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly claims: readonly Claim[];
}

/** Puts a report's input together. */
export function assembleInput(
  { title, profile, settings, claims }: ReportSettings,
  tables: ReportTables,
): ReportInput {
  const datasheet = once(() => tables.datasheet.flatMap(({ table }) => table.rows()));
  const samples = once(() =>
    tables.samples.slice(0, 1).flatMap(({ table }) => toPictures(table, table.column("view")))
  );
  return {
    title,
    profile,
    command: profile === null ? "deno task pipeline" : `deno task pipeline -p ${profile}`,
    params: settings,
    runs: tables.history.map((history) => toRun(history, tables)),
    get datasheet() {
      return datasheet();
    },
    otherDatasheets: tables.other_datasheets.map(toNamedDatasheet),
    get samples() {
      return samples();
    },
    pixels: tables.pixels.map(toMeasured),
    linear: tables.linear.map(toMeasured),
    decomposition: tables.decomposition.map(toMeasured),
    transfer: tables.transfer.map(toMeasured),
    toy: tables.toy.map(toMeasured),
    neighbours: tables.neighbours.map(toNeighbours),
    embedding: tables.embedding.map(toMeasured),
    claims,
  };
}

/** Everything that was measured on one trained network. */
function toRun(history: ReportTables["history"][number], tables: ReportTables): Run {
  const { axes } = history;
  const provenance = history.provenance!;
  const probe = withAxes(tables.probe, axes);
  const predictions = withAxes(tables.predictions, axes);
  const invariance = withAxes(tables.invariance, axes);
  const rows = {
    history: once(() => history.table.rows()),
    probe: once(() => probe?.table.rows() ?? []),
    predictions: once(() => predictions?.table.rows() ?? []),
    invariance: once(() => invariance?.table.rows() ?? []),
  };
  return {
    stage: provenance.instance.split("@")[0],
    axes: axes as Axes,
    stageKeys: {
      train: provenance.stageKey,
      probe: probe?.provenance?.stageKey ?? "",
      ...invariance ? { invariance: invariance.provenance!.stageKey } : {},
    },
    get history() {
      return rows.history();
    },
    get probe() {
      return rows.probe();
    },
    get predictions() {
      return rows.predictions();
    },
    get invariance() {
      return rows.invariance();
    },
    cost: {
      trainSeconds: provenance.seconds,
      device: provenance.device,
      versions: provenance.versions,
    },
    settings: { ...provenance.params, seed: provenance.seed },
  };
}

/** The table of just these axis values. */
function withAxes<C extends Columns>(
  members: readonly GatheredTable<C>[],
  axes: Readonly<Record<string, string>>,
): GatheredTable<C> | undefined {
  const wanted = Object.entries(axes);
  return members.find((member) =>
    Object.keys(member.axes).length === wanted.length &&
    wanted.every(([axis, value]) => member.axes[axis] === value)
  );
}

/** A table with who made it. */
function toMeasured<C extends Columns>(
  member: GatheredTable<C>,
): Measured<ReturnType<TableFile<C>["rows"]>[number]> {
  const rows = once(() => member.table.rows());
  return withRows(member, rows);
}

function toNamedDatasheet(
  member: ReportTables["other_datasheets"][number],
): NamedDatasheet {
  const rows = once(() => member.table.rows());
  return {
    instance: member.provenance!.instance,
    dataset: String(member.provenance!.params.dataset),
    get rows() {
      return rows();
    },
  };
}

function toNeighbours(member: ReportTables["neighbours"][number]): Measured<NeighbourPicture> {
  const rows = once(() => {
    const { table } = member;
    const [epoch, query, rank] = (["epoch", "query", "rank"] as const).map((name) =>
      table.column(name)
    );
    return toPictures(table).map((picture, row) => ({
      ...picture,
      epoch: epoch[row],
      query: query[row],
      rank: rank[row],
    }));
  });
  return withRows(member, rows);
}

function withRows<R>(
  { axes, provenance }: Pick<GatheredTable<Columns>, "axes" | "provenance">,
  rows: () => readonly R[],
): Measured<R> {
  const { stageKey, params } = provenance!;
  return {
    axes,
    stageKey,
    settings: params,
    get rows() {
      return rows();
    },
  };
}

/** The columns that every table of images has. */
type PictureColumns = Pick<typeof neighbourSchema.columns, "index" | "label" | "image">;

/** The images of a table; `view` is its column of this name, or else that of the image itself. */
function toPictures(
  table: TableFile<PictureColumns>,
  view: Int32Array = new Int32Array(table.rowCount).fill(-1),
): SamplePicture[] {
  const [height, width] = table.shapeOf("image");
  const pixels = table.column("image");
  const bytes = height * width * 3;
  const [index, label] = (["index", "label"] as const).map((name) => table.column(name));
  return Array.from(index, (_, row) => ({
    index: index[row],
    view: view[row],
    label: label[row],
    height,
    width,
    pixels: pixels.subarray(row * bytes, (row + 1) * bytes),
  }));
}

/** Computes a value when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}
