/**
 * The ten texture families of the embedded data set, as intensity fields over the unit square.
 *
 * No family becomes another when an image is flipped, or cropped and stretched by at most 4/3:
 * stripes keep their direction (within 0.25 rad of an axis against 45 degrees within 0.25 rad),
 * lattices keep what lies between their points. A network that is told to ignore such changes can
 * therefore still tell the families apart.
 *
 * @module
 */
import type { RandomStream } from "../../random/random.ts";

/** Intensity in [0, 1] at a point; `x` runs right, `y` down, both in [0, 1]. */
export type Field = (x: number, y: number) => number;

/** Makes one member of a family; all that varies within the family comes from `random`. */
export type TextureFamily = (random: RandomStream) => Field;

const TURN = 2 * Math.PI;
const PERIOD = [0.2, 0.32] as const;
const MAXIMUM_TILT_RAD = 0.25;
const BLOCKS_PER_SIDE = 8;

/** The families by the name of their class, in the order of the labels. */
export const TEXTURE_FAMILIES: Readonly<Record<string, TextureFamily>> = {
  "vertical stripes": (random) => stripes(random, 0),
  "horizontal stripes": (random) => stripes(random, Math.PI / 2),
  "diagonal stripes": (random) => stripes(random, either(random) * Math.PI / 4),
  "product of waves": (random) => onLattice(random, (a, b) => (1 + wave(a) * wave(b)) / 2),
  "rings": rings,
  "rays": rays,
  "dots": (random) => onLattice(random, (a, b) => bump(a, 2) * bump(b, 2)),
  "grid lines": (random) => onLattice(random, (a, b) => Math.max(bump(a, 3), bump(b, 3))),
  "random blocks": randomBlocks,
  "ramp": ramp,
};

function stripes(random: RandomStream, directionRad: number): Field {
  const along = axis(random, directionRad + tilt(random));
  return (x, y) => (1 + wave(along(x, y))) / 2;
}

/** A pattern that repeats along two axes at a right angle, with one period and two phases. */
function onLattice(random: RandomStream, pattern: (a: number, b: number) => number): Field {
  const directionRad = tilt(random);
  const period = random.uniformBetween(...PERIOD);
  const first = axis(random, directionRad, period);
  const second = axis(random, directionRad + Math.PI / 2, period);
  return (x, y) => pattern(first(x, y), second(x, y));
}

function rings(random: RandomStream): Field {
  const [centreX, centreY] = centre(random);
  const period = random.uniformBetween(...PERIOD);
  const phase = random.uniform();
  return (x, y) => (1 + wave(Math.hypot(x - centreX, y - centreY) / period + phase)) / 2;
}

function rays(random: RandomStream): Field {
  const [centreX, centreY] = centre(random);
  const count = 5 + random.integer(4);
  const phase = random.uniform();
  return (x, y) => (1 + wave(count * Math.atan2(y - centreY, x - centreX) / TURN + phase)) / 2;
}

function randomBlocks(random: RandomStream): Field {
  const blocks = Array.from({ length: BLOCKS_PER_SIDE ** 2 }, () => random.integer(2));
  const cell = (coordinate: number) => Math.floor(coordinate * BLOCKS_PER_SIDE);
  return (x, y) => blocks[cell(y) * BLOCKS_PER_SIDE + cell(x)];
}

function ramp(random: RandomStream): Field {
  const directionRad = tilt(random);
  const cos = either(random) * Math.cos(directionRad);
  const sin = Math.sin(directionRad);
  return (x, y) => Math.min(1, Math.max(0, 0.5 + (x - 0.5) * cos + (y - 0.5) * sin));
}

/** Position along a direction, counted in periods from a random phase. */
function axis(
  random: RandomStream,
  directionRad: number,
  period = random.uniformBetween(...PERIOD),
): Field {
  const phase = random.uniform();
  const cos = Math.cos(directionRad) / period;
  const sin = Math.sin(directionRad) / period;
  return (x, y) => x * cos + y * sin + phase;
}

function centre(random: RandomStream): [number, number] {
  return [random.uniformBetween(0.3, 0.7), random.uniformBetween(0.3, 0.7)];
}

function tilt(random: RandomStream): number {
  return random.uniformBetween(-MAXIMUM_TILT_RAD, MAXIMUM_TILT_RAD);
}

function either(random: RandomStream): 1 | -1 {
  return random.integer(2) === 0 ? 1 : -1;
}

/** A wave of period 1 between -1 and 1. */
function wave(position: number): number {
  return Math.sin(TURN * position);
}

/** Peaks of height 1 at every whole number; a higher power makes them narrower. */
function bump(position: number, power: number): number {
  return ((1 + Math.cos(TURN * position)) / 2) ** power;
}
