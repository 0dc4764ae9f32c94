/**
 * What every form of the report shows, computed once: judged claims and drawn figures.
 *
 * @module
 */
import { drawChart, type DrawnChart } from "../render/chart.ts";
import { judgeClaims } from "../claims/evaluate.ts";
import type { JudgedClaim } from "../claims/judged.ts";
import type { Figure, FigureDefinition } from "../figures/figure.ts";
import { FIGURES } from "../figures/all.ts";
import { headline } from "../figures/headline.ts";
import { initBySeed } from "../input/init.ts";
import type { ReportInput } from "../input/input.ts";
import { encodePng } from "../render/png.ts";

/** A figure with its pictures made. */
export interface DrawnFigure {
  readonly definition: FigureDefinition;
  readonly figure: Figure;
  readonly chart: DrawnChart | null;
  readonly png: Uint8Array | null;
  /** The claims that refer to it. */
  readonly claims: readonly JudgedClaim[];
}

/** The picture at the top. */
export interface DrawnHeadline {
  readonly chart: DrawnChart;
  readonly description: string;
}

/** Everything that a report shows. */
export interface Report {
  readonly input: ReportInput;
  readonly claims: readonly JudgedClaim[];
  /** `null` where no run exists. */
  readonly headline: DrawnHeadline | null;
  readonly figures: readonly DrawnFigure[];
  /** Figures whose runs do not exist. */
  readonly notRun: readonly FigureDefinition[];
}

/** Computes claims and figures. */
export async function drawReport(input: ReportInput): Promise<Report> {
  const claims = judgeClaims(input);
  const figures: DrawnFigure[] = [];
  const notRun: FigureDefinition[] = [];
  for (const definition of FIGURES) {
    const figure = definition.build(input);
    if (figure === null) notRun.push(definition);
    else figures.push(await drawFigure(definition, figure, claims));
  }
  return { input, claims, headline: await drawHeadline(input), figures, notRun };
}

async function drawFigure(
  definition: FigureDefinition,
  figure: Figure,
  claims: readonly JudgedClaim[],
): Promise<DrawnFigure> {
  return {
    definition,
    figure,
    chart: figure.chart ? await drawChart(definition.id, figure.chart) : null,
    png: figure.picture ? encodePng(figure.picture) : null,
    claims: claims.filter(({ claim }) => claim.figure === definition.id),
  };
}

async function drawHeadline(input: ReportInput): Promise<DrawnHeadline | null> {
  if (initBySeed(input).length === 0) return null;
  const { chart, description } = headline(input);
  return { chart: await drawChart("summary", chart), description };
}
