import { DomainError, newId } from '#libs/kernel';
import {
  encodeSegmentHeader,
  firstSequenceOf,
  scanSegment,
  SEGMENT_HEADER_BYTES,
  segmentName,
  type SpoolDamage,
} from './segment.js';
import { readIfThere, replaceFile, type SpoolFile, type SpoolFiles } from './spool-files.js';

export interface Segment {
  readonly firstSequence: number;
  readonly name: string;
  /** Bytes that are on the disk: header and whole records. */
  bytes: number;
}

/** What the files of a spool say when it is opened. */
export interface Recovery {
  readonly segments: Segment[];
  readonly damages: readonly SpoolDamage[];
  readonly nextSequence: number;
  /** The last segment when it holds no record: it keeps the number, and is written next. */
  readonly empty: { readonly segment: Segment; readonly file: SpoolFile } | null;
}

const ID_FILE = 'spool.id';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The spool's id, drawn when there is none. @throws DomainError SPOOL_DAMAGED when the file holds something else */
export async function readOrDrawId(files: SpoolFiles, directory: string): Promise<string> {
  const found = await readIfThere(files, `${directory}/${ID_FILE}`);
  if (found !== null) {
    const id = found.toString('utf8').trim();
    if (UUID.test(id)) return id;
    throw new DomainError('SPOOL_DAMAGED', {
      field: `${directory}/${ID_FILE}`,
      value: id.slice(0, 80),
      expected: 'a UUID, the one in bytes 12 to 27 of every segment',
    });
  }
  const id = newId();
  await replaceFile(files, directory, ID_FILE, Buffer.from(`${id}\n`));
  return id;
}

/** Reads every segment once, and cuts the last one behind its last whole record. */
export async function recover(files: SpoolFiles, directory: string, spoolId: string): Promise<Recovery> {
  const firsts = (await files.list(directory))
    .map(firstSequenceOf)
    .filter((first) => first !== null)
    .sort((a, b) => a - b);
  const segments: Segment[] = [];
  const damages: SpoolDamage[] = [];
  let nextSequence = 1;
  let empty: Recovery['empty'] = null;
  for (const [index, firstSequence] of firsts.entries()) {
    const name = segmentName(firstSequence);
    const path = `${directory}/${name}`;
    const bytes = await files.read(path);
    const nextFirst = firsts[index + 1] ?? null;
    const scan = scanSegment(bytes, name, firstSequence, spoolId, nextFirst);
    damages.push(...scan.damages);
    nextSequence = Math.max(scan.nextSequence, nextFirst ?? 0);
    if (nextFirst !== null) {
      segments.push({ firstSequence, name, bytes: bytes.length });
    } else if (scan.records.length === 0) {
      const segment: Segment = { firstSequence, name, bytes: SEGMENT_HEADER_BYTES };
      segments.push(segment);
      empty = { segment, file: await rewriteHeader(files, path, spoolId, firstSequence) };
    } else {
      if (scan.wholeBytes < bytes.length) await cutFile(files, path, scan.wholeBytes);
      segments.push({ firstSequence, name, bytes: scan.wholeBytes });
    }
  }
  return { segments, damages, nextSequence, empty };
}

async function rewriteHeader(files: SpoolFiles, path: string, spoolId: string, first: number): Promise<SpoolFile> {
  const file = await files.openExisting(path);
  try {
    await file.truncate(0);
    await file.write(encodeSegmentHeader(spoolId, first), 0);
    await file.datasync();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function cutFile(files: SpoolFiles, path: string, size: number): Promise<void> {
  const file = await files.openExisting(path);
  try {
    await file.truncate(size);
    await file.datasync();
  } finally {
    await file.close();
  }
}
