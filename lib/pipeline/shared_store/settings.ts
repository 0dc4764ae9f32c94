/**
 * Which shared store a command uses, in which direction and with which credentials: from the
 * command line, or else from the environment.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";

/** The environment variable that names a shared store, where the command line does not. */
export const ADDRESS_VARIABLE = "PIPELINE_STORE";

/** Environment variables; flags win over them. Credentials come from here or the address alone. */
const VARIABLE = {
  address: ADDRESS_VARIABLE,
  mode: "PIPELINE_STORE_MODE",
  token: "PIPELINE_STORE_TOKEN",
} as const;

/** Whether results are taken from a shared store, given to it, or both. */
export const STORE_MODES = ["read", "write", "both"] as const;

/** What the command line says of a shared store. */
export interface SharedStoreOptions {
  readonly address?: string;
  /** One of {@link STORE_MODES}. */
  readonly mode?: string;
}

/** A shared store as a command uses it. */
export interface SharedStoreSettings {
  /** Address without user info and without a slash at the end. */
  readonly address: string;
  /** Value of the `Authorization` header; never shown. */
  readonly authorization: string | null;
  readonly reads: boolean;
  readonly writes: boolean;
}

/**
 * Reads the settings.
 *
 * @param variable Looks up an environment variable.
 * @returns `null` if no shared store is named.
 * @throws {PipelineError} if the address or the mode is none.
 */
export function sharedStoreSettings(
  options: SharedStoreOptions,
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
): SharedStoreSettings | null {
  const address = options.address ?? variable(VARIABLE.address);
  const mode = options.mode ?? variable(VARIABLE.mode) ?? "both";
  if (!(STORE_MODES as readonly string[]).includes(mode)) {
    throw new PipelineError(
      `Cannot use a shared store as its mode must be ${STORE_MODES.join(", ")}: ` +
        `current value is "${mode}"; set it by --store-mode or ${VARIABLE.mode}`,
    );
  }
  if (address === undefined || address === "") return null;
  const url = parseAddress(address);
  return {
    address: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
    authorization: authorization(url, variable(VARIABLE.token)),
    reads: mode !== "write",
    writes: mode !== "read",
  };
}

/** As {@link sharedStoreSettings}, where a command makes no sense without. */
export function requireSharedStore(
  verb: "push" | "pull",
  options: SharedStoreOptions,
): SharedStoreSettings {
  const settings = sharedStoreSettings(options);
  if (!settings) {
    throw new PipelineError(
      `Cannot ${verb} as no shared store is named: give --store URL or set ${VARIABLE.address}`,
    );
  }
  if (verb === "push" ? settings.writes : settings.reads) return settings;
  throw new PipelineError(
    `Cannot ${verb} as ${VARIABLE.mode} allows ${verb === "push" ? "reading" : "writing"} only: ` +
      `unset it, or use a store that may be ${verb === "push" ? "written" : "read"}`,
  );
}

/** Says nothing of the text itself where that may hold a password. */
function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return url;
  const shown = address.includes("@") ? "" : `: current value is "${address}"`;
  throw new PipelineError(
    `Cannot use a shared store as its address must be http(s)://HOST[:PORT][/PATH]${shown}`,
  );
}

function authorization(url: URL, token: string | undefined): string | null {
  if (token) {
    // Anything else would be refused later, by an error that shows it.
    if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
    throw new PipelineError(
      `Cannot use a shared store as ${VARIABLE.token} must be visible ASCII characters: ` +
        "it has others, maybe a space or a line break at its end",
    );
  }
  if (url.username === "" && url.password === "") return null;
  const pair = `${unescaped(url.username)}:${unescaped(url.password)}`;
  return `Basic ${new TextEncoder().encode(pair).toBase64()}`;
}

/** A user or a password; the error does not show it, and has no cause that does. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PipelineError(
      "Cannot use a shared store as the user and the password in its address must be " +
        "percent-encoded UTF-8: write a percent sign as %25",
    );
  }
}
