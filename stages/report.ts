/**
 * Draws the report from the small tables that the other stages left.
 *
 * @module
 */
import { z } from "zod";
import type { Columns } from "../lib/arrow/schema.ts";
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
} from "../lib/arrow/schemas.ts";
import {
  defineStage,
  gather,
  type GatheredTable,
  LOCATION,
  published,
} from "../lib/pipeline/stage.ts";
import type { TableFile } from "../lib/arrow/reader.ts";
import type { Axes, Measured, NeighbourPicture, Run, SamplePicture } from "../lib/report/input.ts";

/** Gathered where the profile has such a stage. */
const IF_THERE = { provenance: true, mayBeEmpty: true };

export default defineStage({
  description: "Draws the report: a page, Markdown with figures, numbers for programs",
  params: z.object({
    title: z.string().default("The Curious Case of Benign Memorization").describe("Title"),
    profile: z.string().nullable().default(null).describe("Profile of the run, for commands"),
    settings: z.record(z.string(), z.unknown()).default({}).describe(
      "Settings of the pipeline to show",
    ),
    claims: z.string().meta(LOCATION).describe("File with the paper's claims"),
  }),
  inputs: {
    history: gather(historySchema, { provenance: true }),
    probe: gather(probeSchema, { provenance: true }),
    predictions: gather(predictionSchema),
    invariance: gather(invarianceSchema, { provenance: true }),
    samples: gather(sampleSchema),
    datasheet: datasheetSchema,
    linear: gather(linearProbeSchema, IF_THERE),
    decomposition: gather(decompositionSchema, IF_THERE),
    transfer: gather(probeSchema, IF_THERE),
    toy: gather(toySchema, IF_THERE),
    neighbours: gather(neighbourSchema, IF_THERE),
    embedding: gather(embeddingSchema, IF_THERE),
  },
  outputs: { report: published({ show: "summary.txt" }) },
  async run({ params, inputs, outputs }) {
    const { buildReport, parseClaims } = await import("../lib/report/mod.ts");
    const { title, profile, settings, claims } = params;
    const files = await buildReport({
      title,
      profile,
      command: profile === null ? "deno task pipeline" : `deno task pipeline -p ${profile}`,
      params: settings,
      runs: inputs.history.map((history) => toRun(history, inputs)),
      datasheet: inputs.datasheet.rows(),
      samples: inputs.samples.slice(0, 1).flatMap(({ table }) =>
        toPictures(table, table.column("view"))
      ),
      linear: inputs.linear.map(toMeasured),
      decomposition: inputs.decomposition.map(toMeasured),
      transfer: inputs.transfer.map(toMeasured),
      toy: inputs.toy.map(toMeasured),
      neighbours: inputs.neighbours.map(toNeighbours),
      embedding: inputs.embedding.map(toMeasured),
      claims: parseClaims(Deno.readTextFileSync(claims), "claims.yaml"),
    });
    for (const [path, content] of files) outputs.report.write(path, content);
  },
});

type Tables = {
  readonly [N in "probe" | "predictions" | "invariance"]: readonly GatheredTable<
    N extends "probe" ? typeof probeSchema.columns
      : N extends "predictions" ? typeof predictionSchema.columns
      : typeof invarianceSchema.columns
  >[];
};

/** Everything that was measured on one trained network. */
function toRun(history: GatheredTable<typeof historySchema.columns>, tables: Tables): Run {
  const { axes } = history;
  const provenance = history.provenance!;
  const probe = withAxes(tables.probe, axes);
  const invariance = withAxes(tables.invariance, axes);
  return {
    stage: provenance.instance.split("@")[0],
    axes: axes as Axes,
    stageKeys: {
      train: provenance.stageKey,
      probe: probe?.provenance?.stageKey ?? "",
      ...invariance ? { invariance: invariance.provenance!.stageKey } : {},
    },
    history: history.table.rows(),
    probe: probe?.table.rows() ?? [],
    predictions: withAxes(tables.predictions, axes)?.table.rows() ?? [],
    invariance: invariance?.table.rows() ?? [],
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
  { axes, provenance, table }: GatheredTable<C>,
): Measured<ReturnType<TableFile<C>["rows"]>[number]> {
  const { stageKey, params } = provenance!;
  return { axes, stageKey, settings: params, rows: table.rows() };
}

function toNeighbours(
  member: GatheredTable<typeof neighbourSchema.columns>,
): Measured<NeighbourPicture> {
  const [epoch, query, rank] = (["epoch", "query", "rank"] as const).map((name) =>
    member.table.column(name)
  );
  const rows = toPictures(member.table).map((picture, row) => ({
    ...picture,
    epoch: epoch[row],
    query: query[row],
    rank: rank[row],
  }));
  const { stageKey, params } = member.provenance!;
  return { axes: member.axes, stageKey, settings: params, rows };
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
