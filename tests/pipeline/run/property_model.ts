/**
 * The pipeline of the property test, and an oracle that knows what it means: what each instance's
 * result depends on, and what it is. The oracle knows nothing of keys, code or files.
 *
 * @module
 */

/** Everything that an edit may change. What the meaning does not depend on stands under `noise`. */
export interface Edition {
  readonly count: number;
  readonly prefix: string;
  /** What the file at the location holds. */
  readonly offset: number;
  /** Parts by name, with their factors. */
  readonly parts: readonly (readonly [name: string, factor: number])[];
  readonly seeds: readonly number[];
  /** `null` leaves the default, which is "Sums". */
  readonly title: string | null;
  /** The code of `scale`: two forms that give equal values. */
  readonly scale: { readonly plus: number; readonly form: "x * factor" | "factor * x" };
  /** The code of `decorate`. */
  readonly suffix: string;
  readonly noise: {
    readonly comment: string;
    readonly unused: number;
    readonly packageImported: boolean;
    readonly locationName: string;
    readonly writesDefault: boolean;
    readonly checkout: number;
  };
}

/** What an instance's result depends on, and what it is. */
interface Meaning {
  readonly signature: string;
  readonly columns: Readonly<Record<string, readonly (number | string)[]>>;
}

/** The meaning of every instance, in an order in which they can run. */
export function meaningOf(edition: Edition): Map<string, Meaning> {
  const { count, prefix, offset, parts, seeds, scale, suffix } = edition;
  const meanings = new Map<string, Meaning>();
  const add = (name: string, parts: unknown, columns: Meaning["columns"]) => {
    meanings.set(name, { signature: JSON.stringify(parts), columns });
    return { name, columns };
  };
  const scaled: unknown[] = [], labels: unknown[] = [];
  const products: number[] = [];
  for (const seed of seeds) {
    const value = Array.from({ length: count }, (_, i) => i + 1 + 10 * seed + offset);
    const name = value.map((_, i) => prefix + i);
    add(`source@seed=${seed}`, ["source", count, prefix, offset, seed], { value, name });
    const text = name.map((each) => each + suffix);
    add(`labels@seed=${seed}`, ["labels", suffix, seed, name], { text });
    labels.push([seed, text]);
  }
  for (const [part, factor] of parts) {
    for (const seed of seeds) {
      const input = meanings.get(`source@seed=${seed}`)!.columns.value as number[];
      const value = input.map((each) => each * factor + scale.plus);
      add(`scaled@part=${part},seed=${seed}`, ["scaled", scale, factor, seed, input], { value });
      scaled.push([part, seed, value]);
      products.push(value.reduce((a, b) => a + b, 0));
    }
  }
  const title = edition.title ?? "Sums";
  add("total", ["total", title, scaled, labels], { value: products });
  return meanings;
}

/** What runs should do, from all that happened before. */
export class Oracle {
  readonly #made = new Set<string>();
  readonly #last = new Map<string, string>();

  /** The outcome of every instance; of several with one signature, only their number is known. */
  expect(edition: Edition): string[] {
    const outcomes: string[] = [];
    for (const [name, { signature }] of meaningOf(edition)) {
      const isLast = this.#last.get(name) === signature;
      const isMade = this.#made.has(signature);
      outcomes.push(`${signature} ${!isMade ? "ran" : isLast ? "fresh" : "restored"}`);
      this.#made.add(signature);
      this.#last.set(name, signature);
    }
    return outcomes.sort();
  }

  /** A result was lost. */
  forget(signature: string): void {
    this.#made.delete(signature);
  }
}

/** The project's files. @param imports What stages start with. */
export function filesOf(edition: Edition, imports: string): Record<string, string> {
  const { count, prefix, parts, seeds, title, scale, suffix, noise } = edition;
  const comment = `// ${noise.comment}\n`;
  const titleLine = title ?? (noise.writesDefault ? "Sums" : null);
  const factors = parts.map(([name, factor]) => `${name}: { factor: ${factor} }`).join(", ");
  return {
    "pipeline.yaml": `# ${noise.comment}
name: property
stages:
  source:
    matrix: { seed: ${JSON.stringify(seeds)} }
    params: { count: ${count}, prefix: ${prefix}, file: "CHECKOUT/${noise.locationName}" }
  labels:
    matrix: source
    needs: { names: source }
  scaled:
    matrix: { part: { ${factors} }, seed: ${JSON.stringify(seeds)} }
    needs: { values: source }
  total:
    needs: { parts: scaled, labels: labels }
    params: { ${titleLine === null ? "" : `title: ${titleLine}`} }
`,
    "shared.ts": `${imports}${comment}
${noise.packageImported ? 'import { parse } from "yaml";' : ""}
export function scale(x: number, factor: number): number {
  ${comment}  return ${scale.form} + ${scale.plus};
}
export const decorate = (text: string): string => text + ${JSON.stringify(suffix)};
export function unused(): unknown {
  return ${noise.packageImported ? "parse" : ""}(${noise.unused});
}
export const rowSchema = defineSchema("rows", { value: float64("A number"), name: utf8("A name") });
export const textSchema = defineSchema("texts", { text: utf8("A text") });
`,
    "stages/source.ts": `${imports}import { rowSchema } from "../shared.ts";
${comment}export default defineStage({
  description: "Makes rows",
  params: z.object({ count: z.int(), prefix: z.string(), file: z.string().meta(LOCATION) }),
  inputs: {},
  outputs: { rows: rowSchema },
  run({ params, outputs, seed }) {
    const offset = Number(Deno.readTextFileSync(params.file));
    const value = Float64Array.from({ length: params.count }, (_, i) => i + 1 + 10 * seed + offset);
    outputs.rows.append({ value, name: Array.from(value, (_, i) => params.prefix + i) });
  },
});
`,
    "stages/labels.ts": `${imports}import { decorate, rowSchema, textSchema } from "../shared.ts";
export default defineStage({
  description: "Decorates names",
  params: z.object({}),
  inputs: { names: rowSchema.pick("name") },
  outputs: { texts: textSchema },
  run({ inputs, outputs }) {
    ${comment}    outputs.texts.append({ text: inputs.names.column("name").map((name) => decorate(name)) });
  },
});
`,
    "stages/scaled.ts": `${imports}import { rowSchema, scale } from "../shared.ts";
export default defineStage({
  description: "Scales values",
  params: z.object({ factor: z.number() }),
  inputs: { values: rowSchema.pick("value") },
  outputs: { products: rowSchema.pick("value") },
  run({ params, inputs, outputs }) {
    const value = inputs.values.column("value").map((x) => scale(x, params.factor));
    outputs.products.append({ value });
  },
});
`,
    "stages/total.ts": `${imports}import { rowSchema, textSchema } from "../shared.ts";
export default defineStage({
  description: "Sums",
  params: z.object({ title: z.string().default("Sums") }),
  inputs: { parts: gather(rowSchema.pick("value")), labels: gather(textSchema) },
  outputs: { sums: rowSchema.pick("value") },
  run({ inputs, outputs }) {
    const sums = inputs.parts.map(({ table }) => table.column("value").reduce((a, b) => a + b, 0));
    outputs.sums.append({ value: Float64Array.from(sums) });
  },
});
`,
  };
}
