/**
 * Draws the report from the small tables that the other stages left.
 *
 * @module
 */
import { z } from "zod";
import type { Columns } from "../lib/arrow/schema.ts";
import {
  datasheetSchema,
  historySchema,
  invarianceSchema,
  predictionSchema,
  probeSchema,
  sampleSchema,
} from "../lib/arrow/schemas.ts";
import {
  defineStage,
  gather,
  type GatheredTable,
  LOCATION,
  published,
} from "../lib/pipeline/stage.ts";
import type { Axes, Run, SamplePicture } from "../lib/report/input.ts";

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
      samples: inputs.samples.slice(0, 1).flatMap(({ table }) => toPictures(table)),
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

function withAxes<C extends Columns>(
  members: readonly GatheredTable<C>[],
  axes: Readonly<Record<string, string>>,
): GatheredTable<C> | undefined {
  const wanted = Object.entries(axes);
  return members.find((member) => wanted.every(([axis, value]) => member.axes[axis] === value));
}

function toPictures(
  table: GatheredTable<typeof sampleSchema.columns>["table"],
): SamplePicture[] {
  const [height, width] = table.shapeOf("image");
  const pixels = table.column("image");
  const bytes = height * width * 3;
  const [index, view, label] = (["index", "view", "label"] as const).map((name) =>
    table.column(name)
  );
  return Array.from(index, (_, row) => ({
    index: index[row],
    view: view[row],
    label: label[row],
    height,
    width,
    pixels: pixels.subarray(row * bytes, (row + 1) * bytes),
  }));
}
