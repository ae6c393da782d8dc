import { DomainError, newId } from '#libs/kernel';
import { lockDirectory } from './lock.js';
import {
  encodeRecord,
  encodeSegmentHeader,
  firstSequenceOf,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  scanSegment,
  SEGMENT_HEADER_BYTES,
  segmentName,
  type SpoolDamage,
  type SpoolRecord,
} from './segment.js';
import {
  errorCode,
  ignoreMissing,
  nodeFiles,
  readIfThere,
  replaceFile,
  type SpoolFile,
  type SpoolFiles,
} from './spool-files.js';

export interface SpoolOptions {
  readonly directory: string;
  /** Bound of all segments together; behind it `append` rejects with STORAGE_FULL. */
  readonly maxBytes: number;
  /** A segment is closed by the group that reaches this. */
  readonly segmentBytes: number;
  readonly files?: SpoolFiles;
  /** Told after each group that is on the disk. */
  readonly onGroup?: (group: { records: number; bytes: number; syncSeconds: number }) => void;
  /** Told of damage that a later read finds; what the opening finds stands in `recovered`. */
  readonly onDamage?: (damage: SpoolDamage) => void;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: SpoolFile;
}

interface Segment {
  readonly firstSequence: number;
  readonly name: string;
  /** Bytes that are on the disk. */
  bytes: number;
}

interface PendingAppend {
  readonly payload: Uint8Array;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: DomainError) => void;
}

/** Durable records kept in memory for readers that follow closely, bytes of payload. */
const TAIL_CACHE_BYTES = 4 * 1024 * 1024;
/** Most bytes written and synced as one group. */
const GROUP_BYTES = 1024 * 1024;
/** Appends that wait for their group, bytes; behind it `append` rejects. Devices are told to wait at a quarter of it. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const OUT_OF_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Append-only segment files with group commit: while one group is written and synced, the next gathers.
 * `append` resolves with the record's number after the fdatasync of its group, and groups are in the order of the calls.
 *
 * A failed group is cut off the file again, its appends reject, and the next append tries anew: so a full disk heals by itself.
 * As long as the cut itself fails, every append rejects, because a record that was refused must not come back at the next start.
 */
export class Spool {
  private readonly waiting: PendingAppend[] = [];
  private waitingBytes = 0;
  private flushing: Promise<void> | null = null;
  /** The current file may hold bytes of a failed group behind `segment.bytes`. */
  private uncut = false;
  private readonly tail: SpoolRecord[] = [];
  private tailBytes = 0;
  private parsed: { readonly name: string; readonly bytes: number; readonly records: readonly SpoolRecord[] } | null =
    null;
  private readonly reported = new Set<string>();
  private durable: number;
  private closed = false;

  private constructor(
    /** Random UUID, drawn once when the directory was new. */
    readonly spoolId: string,
    /** What the opening found; empty after a clean stop and after most kills. */
    readonly recovered: readonly SpoolDamage[],
    private readonly options: SpoolOptions,
    private readonly files: SpoolFiles,
    private readonly segments: Segment[],
    nextSequence: number,
    private current: OpenSegment | null,
    private readonly release: () => Promise<void>,
  ) {
    this.durable = nextSequence - 1;
    for (const damage of recovered) this.reported.add(damageKey(damage));
  }

  /**
   * Opens or creates the spool, alone: a second process is refused.
   * Reads every segment once. The last one is cut behind its last whole record; appending goes on in a new segment.
   * @throws DomainError CONFLICT when another process holds it, SPOOL_DAMAGED when a segment is another spool's
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const files = options.files ?? nodeFiles;
    await files.makeDirectory(options.directory);
    const release = await lockDirectory(options.directory);
    try {
      const spoolId = await readOrDrawId(files, options.directory);
      const { segments, damages, nextSequence, empty } = await recover(files, options.directory, spoolId);
      return new Spool(spoolId, damages, options, files, segments, nextSequence, empty, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Number of the last record that is on the disk; 0 when there was never one. */
  get lastSequence(): number {
    return this.durable;
  }

  /** Number of the first record that the spool still has, or of the next one when it has none. */
  get firstSequence(): number {
    return this.segments[0]?.firstSequence ?? this.durable + 1;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Whether writers should wait: appends pile up faster than the disk takes them. */
  get isSlow(): boolean {
    return this.waitingBytes > MAX_WAITING_BYTES / 4;
  }

  /** Whether another `bytes` of payload would be refused. */
  isFullFor(bytes: number): boolean {
    return this.bytes + this.waitingBytes + bytes + RECORD_HEADER_BYTES + SEGMENT_HEADER_BYTES > this.options.maxBytes;
  }

  /**
   * Resolves with the record's sequence once it is on the disk.
   * @throws DomainError STORAGE_FULL when the bound or the disk is reached, UNAVAILABLE when the disk fails otherwise;
   *   the record is then not in the spool
   */
  append(payload: Uint8Array): Promise<number> {
    if (this.closed) return Promise.reject(new DomainError('UNAVAILABLE', {}, { message: 'The spool is closed.' }));
    if (payload.length > MAX_PAYLOAD_BYTES) {
      return Promise.reject(
        new DomainError('LIMIT_EXCEEDED', {
          field: 'payload',
          value: payload.length,
          expected: `≤ ${MAX_PAYLOAD_BYTES} bytes`,
        }),
      );
    }
    if (this.isFullFor(payload.length) || this.waitingBytes + payload.length > MAX_WAITING_BYTES) {
      return Promise.reject(
        new DomainError('STORAGE_FULL', {
          field: 'spool.maxBytes',
          value: this.bytes,
          expected: `≤ ${this.options.maxBytes} bytes`,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ payload, resolve, reject });
      this.waitingBytes += payload.length + RECORD_HEADER_BYTES;
      this.flushing ??= this.flush();
    });
  }

  /**
   * Records from `from` on that are on the disk, in order, at most about a segment of them; empty at the end.
   * A damaged place is stepped over and reported, so the first number may be larger than `from`.
   */
  async read(from: number): Promise<readonly SpoolRecord[]> {
    const cachedFrom = this.tail[0]?.sequence;
    if (cachedFrom !== undefined && from >= cachedFrom) return this.tail.slice(from - cachedFrom);
    while (from <= this.durable) {
      const index = this.segments.findLastIndex((segment) => segment.firstSequence <= from);
      const segment = this.segments[Math.max(0, index)];
      if (segment === undefined) return [];
      const nextFirst = this.segments[Math.max(0, index) + 1]?.firstSequence ?? null;
      const records = (await this.recordsOf(segment, nextFirst)).filter((record) => record.sequence >= from);
      if (records.length > 0) return records;
      if (nextFirst === null) return [];
      from = nextFirst;
    }
    return [];
  }

  /** Deletes the segments whose records are all numbered up to `sequence`. The one that is being written stays. */
  async forget(sequence: number): Promise<void> {
    let removed = 0;
    for (;;) {
      const [segment, next] = this.segments;
      if (segment === undefined || next === undefined || next.firstSequence > sequence + 1) break;
      await this.files.remove(this.pathOf(segment)).catch(ignoreMissing);
      this.segments.shift();
      removed++;
    }
    if (removed > 0) await this.files.syncDirectory(this.options.directory);
  }

  /** Waits for what was appended, then lets the directory go. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flushing;
    await this.current?.file.close();
    this.current = null;
    await this.release();
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      // Appends of the same turn belong to one group.
      await Promise.resolve();
      const group: PendingAppend[] = [];
      let bytes = 0;
      for (let next = this.waiting[0]; next !== undefined && bytes < GROUP_BYTES; next = this.waiting[0]) {
        group.push(next);
        bytes += next.payload.length + RECORD_HEADER_BYTES;
        this.waiting.shift();
      }
      const first = this.durable + 1;
      try {
        await this.writeGroup(group, first);
        this.waitingBytes -= bytes;
        group.forEach((append, index) => append.resolve(first + index));
      } catch (error) {
        this.waitingBytes -= bytes;
        const refusal = refusalOf(error, this.options.directory);
        for (const append of group) append.reject(refusal);
      }
    }
    this.flushing = null;
  }

  private async writeGroup(group: readonly PendingAppend[], first: number): Promise<void> {
    const { segment, file } = await this.openSegment(first);
    const records = group.map((append, index) => encodeRecord(first + index, append.payload));
    const bytes = Buffer.concat(records);
    this.uncut = true;
    const began = process.hrtime.bigint();
    try {
      await file.write(bytes, segment.bytes);
      await file.datasync();
    } catch (error) {
      await this.cut();
      throw error;
    }
    this.uncut = false;
    segment.bytes += bytes.length;
    this.durable += group.length;
    this.remember(records, first);
    this.options.onGroup?.({
      records: group.length,
      bytes: bytes.length,
      syncSeconds: Number(process.hrtime.bigint() - began) / 1e9,
    });
  }

  /** The segment to write to; a new one when there is none or it is full. */
  private async openSegment(first: number): Promise<OpenSegment> {
    if (this.uncut) await this.cut();
    if (this.uncut)
      throw new DomainError('UNAVAILABLE', {}, { message: 'A failed write could not be cut off the spool yet.' });
    if (this.current !== null && this.current.segment.bytes < this.options.segmentBytes) return this.current;
    const old = this.current;
    this.current = null;
    await old?.file.close();
    const name = segmentName(first);
    const path = `${this.options.directory}/${name}`;
    const file = await this.createSegmentFile(path, first);
    const segment: Segment = { firstSequence: first, name, bytes: SEGMENT_HEADER_BYTES };
    this.segments.push(segment);
    this.current = { segment, file };
    return this.current;
  }

  private async createSegmentFile(path: string, first: number): Promise<SpoolFile> {
    // A creation that failed half-way may have left the name; it holds no record, since records come after the header's sync.
    await this.files.remove(path).catch(ignoreMissing);
    const file = await this.files.create(path);
    try {
      await file.write(encodeSegmentHeader(this.spoolId, first), 0);
      await file.datasync();
      await this.files.syncDirectory(this.options.directory);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private async cut(): Promise<void> {
    if (this.current === null) return;
    try {
      await this.current.file.truncate(this.current.segment.bytes);
      await this.current.file.datasync();
      this.uncut = false;
    } catch (error) {
      // Tried again before the next group; `uncut` stays and keeps every append out until then.
      if (errorCode(error) === null) throw error;
    }
  }

  private remember(records: readonly Buffer[], first: number): void {
    records.forEach((record, index) => {
      this.tail.push({ sequence: first + index, payload: record.subarray(RECORD_HEADER_BYTES) });
      this.tailBytes += record.length;
    });
    let surplus = 0;
    while (this.tailBytes > TAIL_CACHE_BYTES && surplus < this.tail.length - 1) {
      this.tailBytes -= (this.tail[surplus]?.payload.length ?? 0) + RECORD_HEADER_BYTES;
      surplus++;
    }
    if (surplus > 0) this.tail.splice(0, surplus);
  }

  private async recordsOf(segment: Segment, nextFirst: number | null): Promise<readonly SpoolRecord[]> {
    if (this.parsed?.name === segment.name && this.parsed.bytes === segment.bytes) return this.parsed.records;
    const durableBytes = segment.bytes;
    const bytes = (await this.files.read(this.pathOf(segment))).subarray(0, durableBytes);
    const scan = scanSegment(bytes, segment.name, segment.firstSequence, this.spoolId, nextFirst);
    for (const damage of scan.damages) {
      if (this.reported.has(damageKey(damage))) continue;
      this.reported.add(damageKey(damage));
      this.options.onDamage?.(damage);
    }
    this.parsed = { name: segment.name, bytes: durableBytes, records: scan.records };
    return scan.records;
  }

  private pathOf(segment: Segment): string {
    return `${this.options.directory}/${segment.name}`;
  }
}

const ID_FILE = 'spool.id';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function readOrDrawId(files: SpoolFiles, directory: string): Promise<string> {
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

interface Recovery {
  readonly segments: Segment[];
  readonly damages: SpoolDamage[];
  readonly nextSequence: number;
  /** The last segment when it holds no record: it keeps the number, and is written next. */
  readonly empty: OpenSegment | null;
}

async function recover(files: SpoolFiles, directory: string, spoolId: string): Promise<Recovery> {
  const firsts = (await files.list(directory))
    .map(firstSequenceOf)
    .filter((first) => first !== null)
    .sort((a, b) => a - b);
  const segments: Segment[] = [];
  const damages: SpoolDamage[] = [];
  let nextSequence = 1;
  let empty: OpenSegment | null = null;
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

function refusalOf(error: unknown, directory: string): DomainError {
  if (error instanceof DomainError) return error;
  const code = errorCode(error);
  return code !== null && OUT_OF_SPACE.has(code)
    ? new DomainError('STORAGE_FULL', { field: directory, value: code }, { cause: error })
    : new DomainError('UNAVAILABLE', { field: directory, value: code ?? String(error) }, { cause: error });
}

function damageKey(damage: SpoolDamage): string {
  return `${damage.file}:${damage.offset}:${damage.where}`;
}
