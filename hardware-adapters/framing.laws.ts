/**
 * What every device's spec does to every vector: whole, byte by byte, split at every point, after noise, one bit flipped.
 * Test support; nothing of the product imports it.
 */
import { readFileSync } from 'node:fs';
import type { Framer, FramerOutput } from '#libs/telemetry';

export interface Vector {
  readonly id: string;
  readonly protocol: string;
  readonly kind?: string;
  readonly direction?: string;
  readonly hex?: string;
  readonly line?: string;
  readonly chunks?: readonly string[];
  readonly expect: Readonly<Record<string, unknown>>;
}

export function loadVectors(name: string): readonly Vector[] {
  const text = readFileSync(new URL(`../fixtures/vectors/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly vectors: readonly Vector[] }).vectors;
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A fresh array, never a view of a pool. */
export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** All outputs of a framer for these chunks; every chunk is overwritten after its outputs were copied. */
export function outputsOf(framer: Framer, chunks: readonly Uint8Array[]): FramerOutput[] {
  return chunks.flatMap((chunk) => {
    const own = Uint8Array.from(chunk);
    const outputs = framer.push(own).map((output) => ({ ...output, bytes: Uint8Array.from(output.bytes) }));
    own.fill(0xa0);
    return outputs;
  });
}

/** The frames alone, as hex. */
export function framesOf(framer: Framer, chunks: readonly Uint8Array[]): string[] {
  return outputsOf(framer, chunks)
    .filter((output) => output.kind === 'frame')
    .map((output) => hexOf(output.bytes));
}

export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** Every way to cut the bytes in two. */
export function everySplit(bytes: Uint8Array): Uint8Array[][] {
  return Array.from({ length: bytes.length - 1 }, (_, i) => [bytes.subarray(0, i + 1), bytes.subarray(i + 1)]);
}

/** Every copy that differs in one bit. */
export function everyBitFlipped(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    return copy;
  });
}

/** xorshift32: the same seed gives the same numbers, 0 ≤ x < 2^32. */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export function seededBytes(seed: number, length: number): Uint8Array {
  const next = seeded(seed);
  return Uint8Array.from({ length }, () => next() >>> 24);
}
