/**
 * What a report is made from: the tables of the stages, in plain rows, and how they came about.
 *
 * @module
 */
import type { Columns, ColumnValues, TableSchema } from "../../arrow/schema.ts";
import type {
  datasheetSchema,
  decompositionSchema,
  embeddingSchema,
  historySchema,
  invarianceSchema,
  linearProbeSchema,
  predictionSchema,
  probeSchema,
  toySchema,
} from "../../tables/schemas.ts";
import type { Claim } from "./claim.ts";

/** One row of a table. */
export type RowOf<S> = S extends TableSchema<infer C extends Columns>
  ? { readonly [N in keyof C]: ColumnValues<C[N]["kind"]>[number] }
  : never;

export type HistoryRow = RowOf<typeof historySchema>;
export type ProbeRow = RowOf<typeof probeSchema>;
export type PredictionRow = RowOf<typeof predictionSchema>;
export type InvarianceRow = RowOf<typeof invarianceSchema>;
export type DatasheetRow = RowOf<typeof datasheetSchema>;
export type LinearProbeRow = RowOf<typeof linearProbeSchema>;
export type DecompositionRow = RowOf<typeof decompositionSchema>;
export type ToyRow = RowOf<typeof toySchema>;
export type EmbeddingRow = RowOf<typeof embeddingSchema>;

/** An image of the training split, or one of its views. */
export interface SamplePicture {
  readonly index: number;
  /** Number of the view; -1 is the unaugmented image. */
  readonly view: number;
  /** The true class. */
  readonly label: number;
  readonly height: number;
  readonly width: number;
  /** RGB, uint8 [height, width, 3]. */
  readonly pixels: Uint8Array;
}

/** A test image or one of its nearest training images. */
export interface NeighbourPicture extends SamplePicture {
  readonly epoch: number;
  /** Number of the test image. */
  readonly query: number;
  /** 0 is the test image itself. */
  readonly rank: number;
}

/** A table that a stage measured, mostly on one trained network: the one with the same axis values. */
export interface Measured<Row> {
  readonly axes: Readonly<Record<string, string>>;
  readonly stageKey: string;
  /** The params of the stage. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
}

/** The data sheet of a data set beside the main one. */
export interface NamedDatasheet {
  /** The stage's instance that made the data set, such as "images_iid". */
  readonly instance: string;
  readonly dataset: string;
  readonly rows: readonly DatasheetRow[];
}

/** The axis values of a training run. `labels` and `augmentation` name its condition. */
export interface Axes {
  readonly labels: string;
  readonly augmentation: string;
  readonly seed: string;
  /** Axes of a sweep, such as the number of views. */
  readonly [axis: string]: string;
}

/** One trained network and everything that was measured on it. */
export interface Run {
  /** The training stage in pipeline.yaml, for commands. */
  readonly stage: string;
  readonly axes: Axes;
  readonly stageKeys: {
    readonly train: string;
    readonly probe: string;
    readonly invariance?: string;
  };
  readonly history: readonly HistoryRow[];
  /** Epoch 0 is INIT. */
  readonly probe: readonly ProbeRow[];
  readonly predictions: readonly PredictionRow[];
  /** Empty where it was not measured. */
  readonly invariance: readonly InvarianceRow[];
  readonly cost: {
    readonly trainSeconds: number;
    readonly device: string;
    readonly versions: Readonly<Record<string, string>>;
  };
  /** The params of the training stage. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Everything that a report shows. */
export interface ReportInput {
  readonly title: string;
  /** `null` is the default run. */
  readonly profile: string | null;
  /** The command that makes the whole report, such as "deno task pipeline -p smoke". */
  readonly command: string;
  /** The top-level params of the pipeline. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly runs: readonly Run[];
  /** Classes in the order of their labels, each split's rows together. */
  readonly datasheet: readonly DatasheetRow[];
  /** The data sheets of the other data sets that were used. */
  readonly otherDatasheets?: readonly NamedDatasheet[];
  readonly samples: readonly SamplePicture[];
  /** Raw pixels, probed by the training images of each seed. */
  readonly pixels?: readonly Measured<ProbeRow>[];
  /** The linear probe of the main runs. */
  readonly linear?: readonly Measured<LinearProbeRow>[];
  /** Theorem B.2 on the main runs. */
  readonly decomposition?: readonly Measured<DecompositionRow>[];
  /** The main runs probed on other data sets, which the axis `target` names. */
  readonly transfer?: readonly Measured<ProbeRow>[];
  /** The toy example, one table per seed. */
  readonly toy?: readonly Measured<ToyRow>[];
  readonly neighbours?: readonly Measured<NeighbourPicture>[];
  readonly embedding?: readonly Measured<EmbeddingRow>[];
  readonly claims: readonly Claim[];
}
