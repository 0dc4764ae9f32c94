/**
 * What readers of replications ask first, answered from the runs.
 *
 * @module
 */
import { formatSeconds } from "../../base/format.ts";
import { mainConditions } from "../input/conditions.ts";
import { estimateShare } from "../render/estimate.ts";
import { listText, percent } from "../render/format.ts";
import type { ReportInput } from "../input/input.ts";
import { finalFit } from "../input/measures.ts";
import { trainSeconds } from "./summary.ts";

/** A question with its answer. */
export interface Question {
  readonly question: string;
  readonly answer: string;
}

/** The questions, in the order in which they come up. */
export function questions(input: ReportInput): Question[] {
  const conditions = mainConditions(input);
  const counts = [...new Set(conditions.map(({ runs }) => runs.length))].sort((a, b) => a - b);
  const fits = conditions.map(({ name, runs }) =>
    `${name} ${percent(estimateShare(runs.map(finalFit)).mean)} %`
  );
  return [
    {
      question: "One run or a mean?",
      answer: counts.every((count) => count === 1)
        ? "One run: a single seed for each condition."
        : `Means over ${listText(counts.map(String))} seeds, each of which draws training ` +
          "images, labels, initial weights, views and batches anew; single seeds are drawn beside every mean.",
    },
    {
      question: "Which labels do test images have?",
      answer: "Always their true ones. Random labels exist for training images only.",
    },
    {
      question: "Did the networks really fit the random labels?",
      answer: `On unaugmented training images: ${listText(fits)}.`,
    },
    {
      question: "How long does it take?",
      answer: `${formatSeconds(trainSeconds(input))} of training for ${input.runs.length} runs; ` +
        "each card states its own share.",
    },
  ];
}
