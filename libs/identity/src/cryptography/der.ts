/** One element of DER (ITU-T X.690, 10.1): tag, length, content. */
export interface DerElement {
  /** The one byte that the tags of X.509 have. */
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

export const DER_TAGS = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  /** `[0]` and `[3]`, constructed. */
  CONTEXT_0: 0xa0,
  CONTEXT_3: 0xa3,
} as const;

/** Lengths of four bytes are more than any file that is read. */
const MOST_LENGTH_BYTES = 4;

/** @throws Error for what is cut off, or has a length that DER does not know (X.690, 10.1: definite, in the fewest bytes) */
export function derElement(der: Buffer, offset = 0): DerElement {
  const first = der.readUInt8(offset + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > MOST_LENGTH_BYTES) throw new Error('a length that DER does not know');
  const length = lengthBytes === 0 ? first : der.readUIntBE(offset + 2, lengthBytes);
  const least = lengthBytes < 2 ? lengthBytes * 0x80 : 256 ** (lengthBytes - 1);
  if (length < least) throw new Error('a length that DER does not know');
  const begin = offset + 2 + lengthBytes;
  const end = begin + length;
  if (end > der.length) throw new Error('an element that is cut off');
  return { tag: der.readUInt8(offset), whole: der.subarray(offset, end), content: der.subarray(begin, end) };
}

/** One after the other: all at once, the entries of a list of 16 MiB take a gigabyte. @throws Error where the next one is none */
export function* derChildren({ content }: DerElement): Generator<DerElement, void> {
  for (let at = 0; at < content.length;) {
    const inner = derElement(content, at);
    yield inner;
    at += inner.whole.length;
  }
}

/** The next child when it has one of these tags; what RFC 5280 leaves out is passed over. */
export class DerReader {
  private readonly content: Buffer;
  private at = 0;

  constructor({ content }: DerElement) {
    this.content = content;
  }

  /** @throws Error where the next one is none */
  optional(...tags: readonly number[]): DerElement | null {
    if (this.at >= this.content.length) return null;
    const next = derElement(this.content, this.at);
    if (!tags.includes(next.tag)) return null;
    this.at += next.whole.length;
    return next;
  }

  /** @throws Error when another stands there */
  required(...tags: readonly number[]): DerElement {
    const next = this.optional(...tags);
    if (next === null) throw new Error(`no element of tag ${tags.join(' or ')}`);
    return next;
  }
}
