/**
 * CUDA's libraries beside TensorFlow's GPU build, which looks for them in
 * `$ORIGIN/../nvidia/<part>/lib`: the layout that pip makes with `--target`.
 *
 * @module
 */
import { dirname } from "node:path";
import { type PinnedPackage, readDescription } from "./library_files.ts";
import { installInto, type PipOptions } from "./pip.ts";

/**
 * Room for CUDA's parts while they are being installed, in bytes: about 4.5 GB stay, the rest are
 * wheels on their way. An observed installation of these packages grew by 7.2 GB at most.
 */
export const CUDA_BYTES = 7_500_000_000;

/**
 * The packages of the extra `and-cuda` of TensorFlow 2.21.0, each with the newest release that the
 * extra allows, for Linux x86-64. Pinned, as a later release may compute other values. Source: the
 * names and bounds are those of `Requires-Dist` in the wheel's METADATA, the rest is what
 * `pip install --dry-run --no-deps --ignore-installed --report - NAME<BOUND ...` answers.
 */
export const CUDA_PACKAGES: readonly PinnedPackage[] = [
  {
    name: "nvidia-cublas-cu12",
    version: "12.9.3.13",
    sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
  },
  {
    name: "nvidia-cuda-cupti-cu12",
    version: "12.9.79",
    sha256: "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f",
  },
  {
    name: "nvidia-cuda-nvcc-cu12",
    version: "12.9.86",
    sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
  },
  {
    name: "nvidia-cuda-nvrtc-cu12",
    version: "12.9.86",
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
  },
  {
    name: "nvidia-cuda-runtime-cu12",
    version: "12.9.79",
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
  },
  {
    name: "nvidia-cudnn-cu12",
    version: "9.28.0.42",
    sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
  },
  {
    name: "nvidia-cufft-cu12",
    version: "11.4.1.4",
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
  },
  {
    name: "nvidia-curand-cu12",
    version: "10.3.10.19",
    sha256: "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
  },
  {
    name: "nvidia-cusolver-cu12",
    version: "11.7.5.82",
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
  },
  {
    name: "nvidia-cusparse-cu12",
    version: "12.5.10.65",
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
  },
  {
    name: "nvidia-nccl-cu12",
    version: "2.32.3",
    sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
  },
  {
    name: "nvidia-nvjitlink-cu12",
    version: "12.9.86",
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
  },
];

/** Installs the libraries that a GPU build needs into `folder/nvidia/`. */
export async function installCuda(folder: string, options: PipOptions): Promise<void> {
  await installInto(folder, CUDA_PACKAGES, options);
}

/** The packages by which products and convolutions on a GPU differ, as manifests call them. */
const TOLD: Readonly<Record<string, string>> = {
  "nvidia-cuda-runtime-cu12": "CUDA",
  "nvidia-cublas-cu12": "cuBLAS",
  "nvidia-cudnn-cu12": "cuDNN",
};

/**
 * The versions of CUDA's libraries beside a library that {@link installCuda} served, for manifests;
 * those that a user's own installation brings are not known.
 *
 * @param folder The folder of the TensorFlow library.
 */
export async function cudaVersions(folder: string): Promise<Record<string, string>> {
  const packages = (await readDescription(dirname(folder)))?.packages ?? [];
  return Object.fromEntries(
    packages.flatMap(({ name, version }) => name in TOLD ? [[TOLD[name], version]] : []),
  );
}
