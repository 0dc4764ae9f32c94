/**
 * Draws the report from the small tables that the other stages left.
 *
 * @module
 */
import { z } from "zod";
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
} from "../lib/tables/schemas.ts";
import { defineStage, gather, LOCATION, published } from "../lib/pipeline/stage/stage.ts";

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
    pixels: gather(probeSchema, IF_THERE),
    samples: gather(sampleSchema),
    datasheet: datasheetSchema,
    other_datasheets: gather(datasheetSchema, IF_THERE),
    linear: gather(linearProbeSchema, IF_THERE),
    decomposition: gather(decompositionSchema, IF_THERE),
    transfer: gather(probeSchema, IF_THERE),
    toy: gather(toySchema, IF_THERE),
    neighbours: gather(neighbourSchema, IF_THERE),
    embedding: gather(embeddingSchema, IF_THERE),
  },
  outputs: { report: published({ show: "summary.txt" }) },
  async run({ params, inputs, outputs }) {
    const { assembleInput, buildReport, parseClaims } = await import("../lib/report/mod.ts");
    const claims = parseClaims(Deno.readTextFileSync(params.claims), "claims.yaml");
    const datasheet = [{ axes: {}, provenance: null, table: inputs.datasheet }];
    const files = await buildReport(
      assembleInput({ ...params, claims }, { ...inputs, datasheet }),
    );
    for (const [path, content] of files) outputs.report.write(path, content);
  },
});
