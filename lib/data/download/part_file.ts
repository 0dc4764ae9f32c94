/**
 * The part of a file that has arrived so far: `<path>.part`, and beside it, in `<path>.part.json`,
 * whose bytes they are.
 *
 * @module
 */

/** Whose bytes a partial file holds. */
export interface PartOrigin {
  readonly url: string;
  /** Strong ETag or date of the server, to be sent as `If-Range`. */
  readonly validator: string;
}

/** Bytes of a partial file; 0 if there is none. */
export function partBytes(path: string): number {
  try {
    return Deno.statSync(`${path}.part`).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** Removes a partial file and what is known of it. */
export async function removePart(path: string): Promise<void> {
  for (const name of [`${path}.part`, `${path}.part.json`]) {
    await Deno.remove(name).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** Whose bytes the partial file holds, if it can be completed from `url`. */
export async function readOrigin(path: string, url: string): Promise<PartOrigin | undefined> {
  try {
    const origin: PartOrigin = JSON.parse(await Deno.readTextFile(`${path}.part.json`));
    return origin.url === url && partBytes(path) > 0 ? origin : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Starts an empty partial file and notes whose it is, if the server lets it be continued. */
export async function beginPart(path: string, url: string, response: Response): Promise<void> {
  await removePart(path);
  const etag = response.headers.get("etag");
  const strong = etag !== null && !etag.startsWith("W/") ? etag : null;
  const validator = strong ?? response.headers.get("last-modified");
  if (validator === null) return;
  const origin: PartOrigin = { url, validator };
  await Deno.writeTextFile(`${path}.part.json`, JSON.stringify(origin));
}
