/**
 * Table 2 for other networks and data sets than the main one.
 *
 * @module
 */
import { conditionName } from "../input/conditions.ts";
import { datasetName } from "./table_2.ts";
import { runTable } from "./run_table.ts";

/** Other networks and data sets. */
export const networks = runTable({
  id: "networks",
  title: "Other networks and data sets",
  shows:
    "K-NN accuracy of the embedding as in Table 2, for networks and data sets other than those " +
    "of the main experiment.",
  axes: ["network", "data"],
  rowTitle: "Data set, network, training",
  rowName: ({ axes }, input) =>
    `${axes.data ?? datasetName(input)}, ${axes.network}: ${conditionName(axes)}`,
});
