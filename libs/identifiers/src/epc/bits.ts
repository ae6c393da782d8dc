import { EpcFault } from './epc-fault.js';

const NO_NIBBLE = 0xff;
/** Hex digit by its ASCII code. */
const NIBBLES = new Uint8Array(128).fill(NO_NIBBLE);
for (let value = 0; value < 16; value += 1) {
  NIBBLES[value.toString(16).charCodeAt(0)] = value;
  NIBBLES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Bits of a hex string from the left. A string of odd length is read to its last nibble. */
export class BitReader {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly length: number;

  /** @throws EpcFault hex */
  constructor(hex: string) {
    this.length = hex.length * 4;
    this.bytes = new Uint8Array((hex.length + 1) >> 1);
    if (hex.length === 0) {
      throw new EpcFault('hex', 'expected hexadecimal digits');
    }
    for (let i = 0; i < hex.length; i += 1) {
      const nibble = NIBBLES[hex.charCodeAt(i)] ?? NO_NIBBLE;
      if (nibble === NO_NIBBLE) {
        throw new EpcFault('hex', `expected hexadecimal digits, place ${i + 1} has another character`);
      }
      this.bytes[i >> 1] = (this.bytes[i >> 1] ?? 0) | (nibble << (i % 2 === 0 ? 4 : 0));
    }
  }

  get left(): number {
    return this.length - this.at;
  }

  /**
   * @param bits at most 53
   * @throws EpcFault length
   */
  take(bits: number): number {
    if (bits > this.left) {
      throw new EpcFault('length', `ends ${bits - this.left} bits short, at bit ${this.length}`);
    }
    let value = 0;
    let wanted = bits;
    while (wanted > 0) {
      const free = 8 - (this.at & 7);
      const n = Math.min(free, wanted);
      const chunk = ((this.bytes[this.at >> 3] ?? 0) >> (free - n)) & ((1 << n) - 1);
      value = value * 2 ** n + chunk;
      this.at += n;
      wanted -= n;
    }
    return value;
  }

  /** An integer of any width in decimal, without leading zeros. */
  takeDecimal(bits: number): string {
    if (bits <= 53) {
      return String(this.take(bits));
    }
    const high = BigInt(this.take(bits - 32));
    return String((high << 32n) | BigInt(this.take(32)));
  }
}

/** Bits from the left, closed with zeros to a whole 16-bit word as in a tag's UII bank. */
export class BitWriter {
  private value = 0n;
  private length = 0;

  /** @throws EpcFault range when the value needs more bits */
  put(value: bigint | number, bits: number): void {
    const wide = BigInt(value);
    if (wide >> BigInt(bits) !== 0n) {
      throw new EpcFault('range', `${wide} does not fit in ${bits} bits`);
    }
    this.value = (this.value << BigInt(bits)) | wide;
    this.length += bits;
  }

  get bits(): number {
    return this.length;
  }

  get words(): number {
    return Math.ceil(this.length / 16);
  }

  toHex(): string {
    const padding = this.words * 16 - this.length;
    return (this.value << BigInt(padding))
      .toString(16)
      .toUpperCase()
      .padStart(this.words * 4, '0');
  }
}
