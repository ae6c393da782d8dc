/** 2^27 + 1: cuts a double into two halves of 26 bits (Veltkamp). */
const SPLITTER = 134217729;

/**
 * Exact sign of a·b − c·d for doubles (no underflow): 1, 0 or -1.
 * Rounding is monotone, so unequal rounded products already tell; equal ones are told apart by their exact rests (Dekker).
 */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  if (left > right) {
    return 1;
  }
  if (left < right) {
    return -1;
  }
  const leftRest = roundingRest(a, b, left);
  const rightRest = roundingRest(c, d, right);
  return leftRest > rightRest ? 1 : leftRest < rightRest ? -1 : 0;
}

/** a·b − product, exactly. */
function roundingRest(a: number, b: number, product: number): number {
  const aCut = SPLITTER * a;
  const aHigh = aCut - (aCut - a);
  const aLow = a - aHigh;
  const bCut = SPLITTER * b;
  const bHigh = bCut - (bCut - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
