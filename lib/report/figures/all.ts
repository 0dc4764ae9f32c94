/**
 * The figures and tables in the order in which the report shows them. A new one is one module and
 * one line here.
 *
 * @module
 */
import type { FigureDefinition } from "./figure.ts";
import { embedding } from "./embedding.ts";
import { figure1 } from "./figure_1.ts";
import { figure11 } from "./figure_11.ts";
import { figure12 } from "./figure_12.ts";
import { figure13 } from "./figure_13.ts";
import { figure2 } from "./figure_2.ts";
import { figure3 } from "./figure_3.ts";
import { figure5 } from "./figure_5.ts";
import { figure5Right } from "./figure_5_right.ts";
import { figure6 } from "./figure_6.ts";
import { figure7 } from "./figure_7.ts";
import { figure8 } from "./figure_8.ts";
import { figure9 } from "./figure_9.ts";
import { lossDecomposition } from "./loss_decomposition.ts";
import { neighbours } from "./neighbours.ts";
import { networks } from "./networks.ts";
import { table1 } from "./table_1.ts";
import { table2 } from "./table_2.ts";
import { table3 } from "./table_3.ts";
import { table4 } from "./table_4.ts";
import { table5 } from "./table_5.ts";
import { table6 } from "./table_6.ts";
import { trainingCurves } from "./training_curves.ts";
import { variants } from "./variants.ts";

export const FIGURES: readonly FigureDefinition[] = [
  table2,
  figure2,
  figure3,
  table1,
  neighbours,
  embedding,
  table4,
  figure5,
  figure5Right,
  figure6,
  table3,
  lossDecomposition,
  figure7,
  figure8,
  figure9,
  figure11,
  figure12,
  figure13,
  networks,
  variants,
  trainingCurves,
  figure1,
  table5,
  table6,
];
