/** State of a 32-bit xorshift generator: plain data, so that a world can be written down and go on from there. */
export interface RandomState {
  bits: number;
}

/** Equal seeds give equal draws on every machine. */
export function createRandom(seed: number): RandomState {
  const random = { bits: (Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995) | 0 || 1 };
  // neighbouring seeds differ in few bits; a few rounds part them
  for (let round = 0; round < 8; round += 1) draw(random);
  return random;
}

/** In [0, 1). */
export function draw(random: RandomState): number {
  let { bits } = random;
  bits ^= bits << 13;
  bits ^= bits >>> 17;
  bits ^= bits << 5;
  random.bits = bits;
  return (bits >>> 0) / 2 ** 32;
}

export function drawBetween(random: RandomState, from: number, to: number): number {
  return from + draw(random) * (to - from);
}

export function happens(random: RandomState, probability: number): boolean {
  return draw(random) < probability;
}

/** One of a list, or undefined of an empty one. */
export function pick<T>(random: RandomState, list: readonly T[]): T | undefined {
  return list[Math.floor(draw(random) * list.length)];
}

/** Mean 0, deviation 1 (Box and Muller). */
export function drawNormal(random: RandomState): number {
  return Math.sqrt(-2 * Math.log(1 - draw(random))) * Math.cos(2 * Math.PI * draw(random));
}

/** A number in [0, 1) that depends on nothing but its arguments: FNV-1a, then mixed so that near inputs part. */
export function hashToUnit(text: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (count | 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
