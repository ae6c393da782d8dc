import { DomainError } from '#libs/kernel';
import { lockDirectory } from './lock.js';
import { readOrDrawId, recover, type Recovery, type Segment } from './recovery.js';
import {
  encodeRecord,
  encodeSegmentHeader,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  scanSegment,
  SEGMENT_HEADER_BYTES,
  segmentName,
  type SpoolDamage,
  type SpoolRecord,
} from './segment.js';
import { errorCode, ignoreMissing, nodeFiles, type SpoolFile, type SpoolFiles } from './spool-files.js';

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

/** Durable records kept in memory for readers that follow closely, bytes of payload. */
const TAIL_CACHE_BYTES = 4 * 1024 * 1024;
const OUT_OF_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Append-only segment files. What one `append` is given is one group: one write, one fdatasync, and all of it is there or nothing.
 *
 * A failed group is cut off the file again and refused, and the next one tries anew: so a full disk heals by itself.
 * As long as the cut itself fails, every group is refused, because a record that was refused must not come back at the next start.
 */
export class Spool {
  /** What the opening found; empty after a clean stop and after most kills. */
  readonly recovered: readonly SpoolDamage[];
  private appending: Promise<unknown> = Promise.resolve();
  /** The current file may hold bytes of a failed group behind `segment.bytes`. */
  private uncut = false;
  private readonly tail: SpoolRecord[] = [];
  private tailBytes = 0;
  private parsed: { readonly name: string; readonly bytes: number; readonly records: readonly SpoolRecord[] } | null =
    null;
  private readonly reported = new Set<string>();
  private readonly segments: Segment[];
  private durable: number;
  private current: OpenSegment | null;
  private closed = false;

  private constructor(
    /** Random UUID, drawn once when the directory was new. */
    readonly spoolId: string,
    private readonly options: SpoolOptions,
    private readonly files: SpoolFiles,
    { segments, damages, nextSequence, empty }: Recovery,
    private readonly release: () => Promise<void>,
  ) {
    this.segments = segments;
    this.durable = nextSequence - 1;
    this.current = empty;
    this.recovered = damages;
    for (const damage of damages) this.reported.add(damageKey(damage));
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
      return new Spool(spoolId, options, files, await recover(files, options.directory, spoolId), release);
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

  /**
   * Resolves with the first record's sequence once all of them are on the disk, in this order. Calls run one after the other.
   * @throws DomainError STORAGE_FULL when the bound or the disk is reached, UNAVAILABLE when the disk fails otherwise,
   *   LIMIT_EXCEEDED for a payload of more than `MAX_PAYLOAD_BYTES`; none of the records is then in the spool
   */
  append(...payloads: readonly Uint8Array[]): Promise<number> {
    if (this.closed) return Promise.reject(new DomainError('UNAVAILABLE', {}, { message: 'The spool is closed.' }));
    const appended = this.appending.then(() => this.appendGroup(payloads));
    // Only the order hangs on it: the failure is told to whoever waits for `appended`.
    this.appending = appended.catch(() => undefined);
    return appended;
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
    await this.appending;
    await this.current?.file.close();
    this.current = null;
    await this.release();
  }

  private async appendGroup(payloads: readonly Uint8Array[]): Promise<number> {
    const tooLong = payloads.find((payload) => payload.length > MAX_PAYLOAD_BYTES);
    if (tooLong !== undefined) {
      throw new DomainError('LIMIT_EXCEEDED', {
        field: 'payload',
        value: tooLong.length,
        expected: `≤ ${MAX_PAYLOAD_BYTES} bytes`,
      });
    }
    const first = this.durable + 1;
    const records = payloads.map((payload, index) => encodeRecord(first + index, payload));
    const bytes = Buffer.concat(records);
    if (this.bytes + bytes.length + SEGMENT_HEADER_BYTES > this.options.maxBytes) {
      throw new DomainError('STORAGE_FULL', {
        field: 'spool.maxBytes',
        value: this.bytes,
        expected: `≤ ${this.options.maxBytes} bytes`,
      });
    }
    try {
      await this.write(records, bytes);
    } catch (error) {
      throw refusalOf(error, this.options.directory);
    }
    return first;
  }

  private async write(records: readonly Buffer[], bytes: Buffer): Promise<void> {
    const first = this.durable + 1;
    const { segment, file } = await this.openSegment(first);
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
    this.durable += records.length;
    this.remember(records, first);
    const syncSeconds = Number(process.hrtime.bigint() - began) / 1e9;
    this.options.onGroup?.({ records: records.length, bytes: bytes.length, syncSeconds });
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
