import { createHash } from 'node:crypto';

/** `{"record":…,"previousHash":"<64 hex>","hash":"<64 hex>"}`; the record stands in it as it was hashed. */
const LINE = /^\{"record":(\{.*\}),"previousHash":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/s;

/** What a file of the audit's archive is, as far as it could be read. */
export interface ArchiveReading {
  readonly records: number;
  readonly firstSequence: number | null;
  readonly lastSequence: number | null;
  /** Hash before the first record, to be the last one of the archive before. */
  readonly previousHash: string | null;
  readonly lastHash: string | null;
  /** Number of the first line that is no link of the chain, from 1; null: all are. */
  readonly brokenLine: number | null;
  /** Of the whole file, hex. */
  readonly sha256: string;
}

/**
 * Follows the chain through a file: each hash is SHA-256 of the former hash's 32 bytes and the record's UTF-8 text, and sequences
 * have no gap. Holds one line in memory.
 * @param lines without their ends, each of which is one `\n`
 */
export async function readArchive(lines: AsyncIterable<string> | Iterable<string>): Promise<ArchiveReading> {
  const file = createHash('sha256');
  let number = 0;
  let brokenLine: number | null = null;
  let first: Link | null = null;
  let last: Link | null = null;
  for await (const line of lines) {
    number += 1;
    file.update(`${line}\n`);
    const link = linkOf(line);
    if (brokenLine === null && (link === null || !follows(link, last))) brokenLine = number;
    first ??= link;
    last = link ?? last;
  }
  return {
    records: number,
    firstSequence: first?.sequence ?? null,
    lastSequence: last?.sequence ?? null,
    previousHash: first?.previousHash ?? null,
    lastHash: last?.hash ?? null,
    brokenLine,
    sha256: file.digest('hex'),
  };
}

interface Link {
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** null for a line that is none, or whose hash is not its record's. */
function linkOf(line: string): Link | null {
  const [, record = '', previousHash = '', hash = ''] = LINE.exec(line) ?? [];
  const right = createHash('sha256').update(Buffer.from(previousHash, 'hex')).update(record).digest('hex');
  if (hash === '' || right !== hash) return null;
  const { sequence } = JSON.parse(record) as { readonly sequence: number };
  return { sequence, previousHash, hash };
}

function follows(link: Link, former: Link | null): boolean {
  return former === null || (link.previousHash === former.hash && link.sequence === former.sequence + 1);
}
