/** One line, its LF included, is at most 64 KiB. */
export const MAX_LINE_BYTES = 65_536;

export const LF = 0x0a;
export const CR = 0x0d;
/** UTF-8 byte-order mark: some loggers put one at the head of each file or connection. */
export const BOM = [0xef, 0xbb, 0xbf] as const;

/**
 * Numbers of one numbering stay below 2^40 (34 years at a thousand lines a second), so that an acknowledgement token can
 * carry the numbering's ordinal above them and still be an exact double.
 */
export const MAX_SEQ = 2 ** 40 - 1;
export const NUMBERING_STRIDE = 2 ** 40;
