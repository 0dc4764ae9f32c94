/**
 * CUDA's libraries beside TensorFlow's GPU build, which looks for them in
 * `$ORIGIN/../nvidia/<part>/lib`: the layout that pip makes with `--target`.
 *
 * @module
 */
import { installInto, type PipOptions } from "./pip.ts";

/**
 * Room for CUDA's parts while they are being installed, in bytes: about 4.5 GB stay, the rest are
 * wheels on their way. An observed installation of cuDNN 9.28 and CUDA 12.9 grew by 7.2 GB at most.
 */
export const CUDA_BYTES = 7_500_000_000;

/**
 * The packages of TensorFlow's extra `and-cuda`, read from its wheel's METADATA: lines such as
 * `Requires-Dist: nvidia-nccl-cu12<3.0,>=2.27.7; extra == "and-cuda"`.
 *
 * @throws {Error} if there is none: the wheel is not a GPU build.
 */
export function cudaRequirements(metadata: string): string[] {
  const pattern =
    /^Requires-Dist:[ \t]*([^;\n]+?)[ \t]*;[ \t]*extra[ \t]*==[ \t]*["']and-cuda["'][ \t]*\r?$/gm;
  const requirements = [...metadata.matchAll(pattern)].map((match) => match[1]);
  if (requirements.length > 0) return requirements;
  throw new Error(
    "Cannot install CUDA's libraries as the wheel must have the extra and-cuda: current value is none",
  );
}

/** Installs the libraries that a GPU build needs into `folder/nvidia/`. */
export async function installCuda(
  folder: string,
  metadata: string,
  options: PipOptions,
): Promise<void> {
  await installInto(folder, cudaRequirements(metadata), options);
}
