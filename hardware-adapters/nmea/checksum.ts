import { STAR } from './definition.js';

/** Value of one hex digit of either case, or −1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}

/** XOR of the bytes in `[from, to)`. */
export function xorOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= bytes[i] as number;
  return sum;
}

/** Whether `[start, end)` is a sentence that ends in `*hh` with the XOR of all between its first byte and the `*`. */
export function hasRightChecksum(bytes: Uint8Array, start: number, end: number): boolean {
  const star = end - 3;
  if (star <= start || bytes[star] !== STAR) return false;
  const told = (hexDigit(bytes[star + 1] as number) << 4) | hexDigit(bytes[star + 2] as number);
  return told >= 0 && told === xorOf(bytes, start + 1, star);
}
