import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, EpochMs, Logger } from '#libs/kernel';
import type { PipelineConfig, UplinkItem } from '#libs/lane';
import type { Spool, SpoolFiles } from '../spool/index.js';
import { loadCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.js';
import { decodeEntry, encodeEntry, type SpoolEntry } from './entries.js';
import { fold, initialState, isPending, nextDue, PIPELINE_VERSION, type FoldState } from './fold.js';
import { Intake } from './intake.js';
import { beginStream, damageName, loadStream, type Stream } from './stream.js';

export interface PipelinePlace {
  readonly spool: Spool;
  readonly files: SpoolFiles;
  readonly directory: string;
  readonly config: PipelineConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Pause before what the disk refused is tried again, 250 ms by default. */
  readonly retryMs?: number;
}

/** From where the pipeline goes on. */
export interface PipelineStart {
  readonly stream: Stream;
  readonly state: FoldState;
  /** Number of the first record that is not in `state`. */
  readonly nextRecord: number;
}

/** Where items go; the uplink. */
export interface ItemSink {
  readonly hasRoom: boolean;
  /** Resolves when there is room again. */
  whenRoom(): Promise<void>;
  offer(items: readonly UplinkItem[]): void;
}

/** A checkpoint could be taken after this many records … */
const CANDIDATE_RECORDS = 2_000;
const MAX_CANDIDATES = 64;
/** How often is looked whether a visit or session is about to end by time alone. */
const TICK_MS = 10;
const RETRY_MS = 250;
/** Most bytes written and synced as one group. */
const GROUP_BYTES = 1024 * 1024;
/** While something is open, its silence is written down this often: what a kill leaves unwritten counts as unheard. */
const WITNESSED_MS = 250;
/** Records folded before other work gets a turn. */
const FOLD_AT_ONCE = 256;

/**
 * Reads checkpoint and stream, and begins a new stream where the old one's numbers cannot be kept.
 * Everything in the checkpoint was committed by the service: it was written for that reason only.
 */
export async function openPipeline({
  spool,
  files,
  directory,
  config,
  clock,
  log,
}: PipelinePlace): Promise<PipelineStart> {
  const loaded = await loadCheckpoint(files, directory, spool.spoolId);
  const stream = await loadStream(files, directory);
  const damage = spool.recovered.map(damageName);
  for (const found of spool.recovered)
    log.error({ code: 'SPOOL_DAMAGED', ...found }, 'the spool has a damaged place; reading goes on behind it');
  if (loaded.kind === 'refused') {
    log.error({ why: loaded.why }, 'the checkpoint is not usable; everything that the spool has is replayed');
  }

  let state: FoldState;
  let nextRecord: number;
  if (loaded.kind === 'loaded') {
    state = loaded.checkpoint.state;
    nextRecord = Math.min(loaded.checkpoint.spoolSequence, spool.lastSequence) + 1;
    if (nextRecord <= loaded.checkpoint.spoolSequence) {
      // The damaged end lay before the checkpoint: its numbers will be given again, and must not be skipped then.
      await saveCheckpoint(files, directory, { ...loaded.checkpoint, spoolSequence: nextRecord - 1 });
    }
  } else {
    nextRecord = spool.firstSequence;
    const [first] = await spool.read(nextRecord);
    state = initialState(config, first === undefined ? clock.now() : receivedAtOf(first.payload, clock.now()));
  }

  const keeps =
    stream !== null &&
    loaded.kind !== 'refused' &&
    (loaded.kind === 'loaded' || nextRecord === 1) &&
    stream.pipelineVersion === PIPELINE_VERSION &&
    stream.itemsBefore <= state.lastItem &&
    damage.every((name) => stream.knownDamage.includes(name));
  if (keeps) return { stream, state, nextRecord };
  const begun = await beginStream(files, directory, {
    itemsBefore: state.lastItem,
    pipelineVersion: PIPELINE_VERSION,
    knownDamage: damage,
  });
  if (stream !== null) log.warn({ before: stream.streamId, now: begun.streamId }, 'a new uplink stream begins');
  return { stream: begun, state, nextRecord };
}

function receivedAtOf(payload: Uint8Array, otherwise: EpochMs): EpochMs {
  try {
    return decodeEntry(payload).receivedAt;
  } catch {
    // The pump will report it.
    return otherwise;
  }
}

/**
 * Puts what devices say into the spool, and folds it over the pipeline in the spool's order once it is on the disk.
 * Items go to the sink as long as it has room; then the fold waits, and the spool grows on the disk up to its own bound.
 */
export class PipelineHost {
  private state: FoldState;
  private nextRecord: number;
  /** Last record that was in the spool before this start. */
  private readonly replayedUpTo: number;
  private candidates: Checkpoint[] = [];
  private sinceCandidate = { records: 0, bytes: 0 };
  private committed: number;
  private saving: Promise<void> | null = null;
  private time: EpochMs;
  private lastClock: EpochMs;
  private readonly intake: Intake;
  private tickPending = false;
  private unknownRecords = 0;
  private stopped = false;
  private wake: () => void = () => undefined;
  private ticker: NodeJS.Timeout | null = null;
  private pumping: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: PipelinePlace,
    start: PipelineStart,
    private readonly sink: ItemSink,
    private readonly segmentBytes: number,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.state = start.state;
    this.nextRecord = start.nextRecord;
    this.replayedUpTo = place.spool.lastSequence;
    this.committed = start.state.lastItem;
    this.time = start.state.lastAt;
    this.lastClock = place.clock.now();
    this.intake = new Intake({
      spool: place.spool,
      log: place.log,
      // So little that a full spool has room for it as soon as the service has committed what is in it.
      groupBytes: Math.min(GROUP_BYTES, segmentBytes / 4),
      retryMs: place.retryMs ?? RETRY_MS,
      onStored: () => this.wake(),
    });
    this.store([(receivedAt) => ({ kind: 'boot', receivedAt, config: place.config })]).catch((error: unknown) => {
      if (!this.stopped) onFailure(error);
    });
  }

  /** Begins to replay and to follow. */
  start(): void {
    // Told once, here: `stop` must still come to its end, so that the spool is let go.
    this.pumping = this.pump().catch(this.onFailure);
    this.tick();
  }

  /** Records on the disk that are not folded yet. */
  get behind(): number {
    return this.place.spool.lastSequence + 1 - this.nextRecord;
  }

  /** Whether records of an earlier start are still to be folded. */
  get isReplaying(): boolean {
    return this.nextRecord <= this.replayedUpTo;
  }

  /** Whole records that this version could not read; reported, and stepped over. */
  get unknown(): number {
    return this.unknownRecords;
  }

  /** Whether whoever has more to store should wait. */
  get mustWait(): boolean {
    return this.intake.mustWait;
  }

  /** Bytes that wait for the disk. */
  get waitingBytes(): number {
    return this.intake.waitingBytes;
  }

  /**
   * Resolves when all are on the disk, in this order and behind all that was stored before. As long as the disk or the bound does
   * not let them, they are tried again and `mustWait` is true.
   * Each gets its time of receipt now, never smaller than the one before.
   * @throws DomainError UNAVAILABLE when the host was stopped meanwhile; what was not stored is then the device's still
   */
  async store(entries: readonly ((receivedAt: EpochMs) => SpoolEntry)[]): Promise<void> {
    await this.intake.put(entries.map((make) => encodeEntry(make(this.now()))));
  }

  /** The service has everything up to this item. */
  onCommitted(item: number): void {
    this.committed = Math.max(this.committed, item);
    this.promote();
  }

  /** Stops folding; what the disk does not take now is refused to whoever stores it. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.ticker !== null) clearTimeout(this.ticker);
    this.wake();
    await this.intake.stop();
    await this.pumping;
    await this.saving;
    if (this.state.lastItem <= this.committed && this.sinceCandidate.records > 0) {
      this.takeCandidate();
      this.promote();
      await this.saving;
    }
  }

  /**
   * The clock, but never smaller than before. When the clock was put back, time goes on at half its pace until the clock has
   * caught up, so that visits and sessions still end.
   */
  private now(): EpochMs {
    const clock = this.place.clock.now();
    const passed = Math.max(0, clock - this.lastClock);
    this.lastClock = clock;
    this.time = Math.max(clock, this.state.lastAt, this.time + passed / 2);
    return Math.floor(this.time);
  }

  private async pump(): Promise<void> {
    const { spool } = this.place;
    while (!this.stopped) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const records = await spool.read(this.nextRecord);
      if (records.length === 0) {
        await woken;
        continue;
      }
      let folded = 0;
      for (const record of records) {
        if (!this.sink.hasRoom || this.stopped) break;
        this.foldRecord(record.sequence, record.payload);
        if (++folded % FOLD_AT_ONCE === 0) await pause(0);
      }
      if (!this.sink.hasRoom) await Promise.race([this.sink.whenRoom(), this.whenStopped(woken)]);
    }
  }

  /** `wake` is called for each append; only the one of `stop` matters here. */
  private async whenStopped(woken: Promise<void>): Promise<void> {
    for (let next = woken; !this.stopped; next = new Promise<void>((resolve) => (this.wake = resolve))) await next;
  }

  private foldRecord(sequence: number, payload: Uint8Array): void {
    const entry = this.decode(sequence, payload);
    this.nextRecord = sequence + 1;
    if (entry === null) return;
    const { state, items } = fold(this.state, entry);
    this.state = state;
    if (entry.kind === 'tick') this.tickPending = false;
    if (items.length > 0) this.sink.offer(items);
    this.sinceCandidate.records++;
    this.sinceCandidate.bytes += payload.length;
    if (this.sinceCandidate.records >= CANDIDATE_RECORDS || this.sinceCandidate.bytes >= this.segmentBytes / 4) {
      this.takeCandidate();
      this.promote();
    }
  }

  private decode(sequence: number, payload: Uint8Array): SpoolEntry | null {
    try {
      return decodeEntry(payload);
    } catch (error) {
      this.unknownRecords++;
      this.place.log.error(
        { code: 'SPOOL_DAMAGED', sequence, why: String(error) },
        'a whole record of the spool says what this version does not know',
      );
      return null;
    }
  }

  /** Looks again at the moment at which something is due, to the millisecond. */
  private tick(): void {
    if (this.candidates.length > 0 && this.saving === null) this.promote();
    const pauseMs = this.tickPending || this.behind > 0 || this.mustWait ? TICK_MS : this.letTimePass() - this.time;
    this.ticker = setTimeout(() => this.tick(), Math.max(1, Math.min(TICK_MS, pauseMs)));
  }

  /**
   * The passing of time gets a record when it makes items, and now and then while something waits for it.
   * @returns a moment before which it makes none
   */
  private letTimePass(): EpochMs {
    const now = this.now();
    const due = nextDue(this.state, now);
    const isWitness = now - this.state.lastAt >= WITNESSED_MS && isPending(this.state);
    if (isWitness || due <= now) this.storeTick();
    return due;
  }

  private storeTick(): void {
    this.tickPending = true;
    this.store([(receivedAt) => ({ kind: 'tick', receivedAt })]).catch((error: unknown) => {
      this.tickPending = false;
      if (!this.stopped) this.onFailure(error);
    });
  }

  private takeCandidate(): void {
    this.sinceCandidate = { records: 0, bytes: 0 };
    this.candidates.push({
      spoolId: this.place.spool.spoolId,
      spoolSequence: this.nextRecord - 1,
      pipelineVersion: PIPELINE_VERSION,
      state: this.state,
    });
    // With the service away for long, every second one is enough.
    if (this.candidates.length > MAX_CANDIDATES)
      this.candidates = this.candidates.filter((_, index) => index % 2 === 0);
  }

  /** Writes the newest checkpoint whose items are all committed, then deletes the segments before it. */
  private promote(): void {
    if (this.saving !== null) return;
    const index = this.candidates.findLastIndex((candidate) => candidate.state.lastItem <= this.committed);
    const candidate = this.candidates[index];
    if (candidate === undefined) return;
    const { files, directory, spool, log } = this.place;
    this.saving = saveCheckpoint(files, directory, candidate)
      .then(() => {
        this.candidates = this.candidates.filter((other) => other.spoolSequence > candidate.spoolSequence);
        return spool.forget(candidate.spoolSequence);
      })
      .catch(async (error: unknown) => {
        log.warn({ why: String(error) }, 'the checkpoint could not be written; it is tried again');
        await pause(this.place.retryMs ?? RETRY_MS);
      })
      .finally(() => (this.saving = null));
  }
}
