/**
 * The sources of npm packages as a bundler finds them: a folder `node_modules` of links into Deno's
 * cache.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { statIfThere } from "../base/files.ts";
import { ModuleGraph } from "./module_graph.ts";

/** Packages of one graph, for as long as they are bundled. */
export class PackageSources implements Disposable {
  /** Ids of the packages that were linked for their own sake. */
  readonly taken = new Set<string>();
  /** The folder from which they are found. */
  readonly folder: string;
  readonly #graph: ModuleGraph;
  readonly #linked = new Map<string, string>();

  private constructor(graph: ModuleGraph) {
    this.#graph = graph;
    this.folder = Deno.makeTempDirSync({ prefix: "packages-" });
  }

  /**
   * Opens the packages that modules need.
   *
   * @param folder The pipeline's folder.
   * @param modules Addresses of modules.
   */
  static async open(
    folder: string,
    graph: ModuleGraph,
    modules: readonly string[],
  ): Promise<PackageSources> {
    const ids = graph.packageIds(modules);
    const folders = ids.flatMap((id) => [...graph.packageFolders(id)?.values() ?? []]);
    if (!folders.every((path) => statIfThere(path))) await ModuleGraph.fetch(folder, modules);
    return new PackageSources(graph);
  }

  /**
   * Links a package and all that it needs.
   *
   * @returns Whether that is possible: Deno keeps each of them in one version.
   */
  link(id: string): boolean {
    const folders = this.#graph.packageFolders(id);
    if (folders === null) return false;
    for (const [name, folder] of folders) {
      const linked = this.#linked.get(name);
      if (linked !== undefined && linked !== folder) return false;
      if (linked !== undefined) continue;
      const link = join(this.folder, "node_modules", name);
      Deno.mkdirSync(dirname(link), { recursive: true });
      Deno.symlinkSync(folder, link);
      this.#linked.set(name, folder);
    }
    this.taken.add(id);
    return true;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
