/**
 * The wheels that carry the TensorFlow library, by platform and build.
 *
 * @module
 */
import { TENSORFLOW_VERSION } from "./library_files.ts";

/** A wheel as pip names it, and what is known of it beforehand. */
export interface Wheel {
  /** The distribution, e.g. "tensorflow-cpu". */
  readonly distribution: string;
  readonly version: string;
  /** The platform tag, e.g. "manylinux_2_27_x86_64". */
  readonly platform: string;
  readonly gpu: boolean;
  /** Size of the wheel in bytes. */
  readonly bytes: number;
  /** Size of the two libraries in bytes, unpacked. */
  readonly libraryBytes: number;
  /** SHA-256 of the wheel, hexadecimal. */
  readonly sha256: string;
}

/** Where a library is to run. */
export interface Platform {
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
}

/**
 * The CPython release whose wheels are fetched: the libraries inside do not depend on it, so that
 * any Python with pip serves.
 */
export const PYTHON_VERSION = "3.11";

const WHEELS: readonly (Platform & Wheel)[] = [
  {
    os: "linux",
    arch: "x86_64",
    gpu: false,
    distribution: "tensorflow-cpu",
    version: TENSORFLOW_VERSION,
    platform: "manylinux_2_27_x86_64",
    bytes: 273_829_956,
    libraryBytes: 853_308_936,
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  },
  {
    os: "linux",
    arch: "x86_64",
    gpu: true,
    distribution: "tensorflow",
    version: TENSORFLOW_VERSION,
    platform: "manylinux_2_27_x86_64",
    bytes: 572_440_367,
    libraryBytes: 1_259_021_080,
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
  },
  {
    os: "linux",
    arch: "aarch64",
    gpu: false,
    distribution: "tensorflow",
    version: TENSORFLOW_VERSION,
    platform: "manylinux_2_27_aarch64",
    bytes: 281_828_020,
    libraryBytes: 883_062_208,
    sha256: "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
  },
  {
    os: "darwin",
    arch: "aarch64",
    gpu: false,
    distribution: "tensorflow",
    version: TENSORFLOW_VERSION,
    platform: "macosx_12_0_arm64",
    bytes: 223_405_849,
    libraryBytes: 740_805_624,
    sha256: "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
  },
];

/** The wheel for a platform, or null where TensorFlow publishes none. */
export function wheelFor(gpu: boolean, platform: Platform = Deno.build): Wheel | null {
  return WHEELS.find((wheel) =>
    wheel.gpu === gpu && wheel.os === platform.os && wheel.arch === platform.arch
  ) ?? null;
}
