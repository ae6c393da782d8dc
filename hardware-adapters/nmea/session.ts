import { z } from 'zod';
import { parseConfig, type EpochMs } from '#libs/kernel';
import type { PositionFix, SessionReading, SessionStep } from '#libs/telemetry';
import type { NmeaMessage } from './codec.js';
import {
  CENTURY_PIVOT,
  MEASURED_QUALITIES,
  MPS_PER_KMH,
  MPS_PER_KNOT,
  ROLLBACK_MS,
  TALKER_SYSTEMS,
  UNMEASURED_MODES,
  UNMEASURED_QUALITIES,
} from './definition.js';

const DAY_MS = 86_400_000;
/** RMC and GGA of one epoch may differ in their milliseconds: Quectel L76K sends .000 and .200. */
const SAME_EPOCH_MS = 500;
/** Silence inside an epoch after which a tick gives its fix: a burst of sentences takes less, even at 4800 baud. */
const EPOCH_QUIET_MS = 400;
/**
 * Fixes held back at the start until a date is told: RMC or ZDA come within the first two epochs where they come at all,
 * and a fix dated by the receipt beside fixes dated by the receiver would be out of order when either clock is wrong.
 */
const MAX_UNDATED = 2;
/** Silence after which held fixes are dated by the receipt. */
const UNDATED_QUIET_MS = 2_000;
/** How near to a whole number of 1024 weeks a clock's error must be to be called a rollback. */
const ROLLBACK_TOLERANCE_MS = 7 * DAY_MS;

const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());

const schema = z.strictObject({
  /** Adds the missing multiple of 1024 weeks instead of only counting it. */
  repairWeekRollback: flag.default(false),
});

export type NmeaOptions = z.output<typeof schema>;

/** @throws DomainError INVALID_CONFIG with every fault */
export function parseNmeaOptions(options: Readonly<Record<string, unknown>>): NmeaOptions {
  return parseConfig(schema, options, 'nmea options');
}

interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** What the sentences of one instant said so far. */
interface Epoch {
  /** Milliseconds of the UTC day; of the first sentence that had a time. */
  readonly timeMs: number;
  readonly date: CalendarDay | null;
  /** Type → time that it said: the same type with another time begins the next epoch. */
  readonly seen: Readonly<Record<string, number>>;
  readonly position: { readonly talker: string; readonly lon: number; readonly lat: number } | null;
  /** Talkers of all measured positions. */
  readonly talkers: readonly string[];
  /** Talkers that said "no fix". */
  readonly withoutFix: readonly string[];
  /** Estimated, manual or simulated, by whichever sentence. */
  readonly unmeasured: boolean;
  readonly speedMps: number | null;
  readonly courseDeg: number | null;
  readonly altitudeM: number | null;
  readonly hdop: number | null;
  readonly satellites: number | null;
  /** Position and movement by RMC, and quality by GGA or GNS: nothing more can be expected. */
  readonly complete: boolean;
  readonly given: boolean;
}

export interface NmeaState {
  readonly options: NmeaOptions;
  readonly epoch: Epoch | null;
  readonly lastHeardAt: EpochMs;
  /** The last day that RMC or ZDA told, moved over midnight by the times since. */
  readonly day: CalendarDay | null;
  readonly dayTimeMs: number;
  /** Fixes that wait for a date, dated by their receipt so far. */
  readonly undated: readonly SessionReading[];
  /** The receiver was found to tell no date. */
  readonly dateless: boolean;
  readonly lastFixAt: EpochMs | null;
  readonly fixes: number;
  /** Epochs that ended without a measured position. */
  readonly epochsWithoutFix: number;
  /** Epochs whose position was estimated, typed in or simulated. */
  readonly unmeasured: number;
  /** Fixes dated by the time of receipt, because the receiver never told a date. */
  readonly datedByReceipt: number;
  /** Fixes whose clock is a multiple of 1024 weeks away from the time of receipt. */
  readonly weekRollbacks: number;
  /** Multiple of 1024 weeks by which the last fix is behind; 0 is a right clock. */
  readonly rollbackEras: number;
}

type Step = SessionStep<NmeaState>;

export function openNmea(options: NmeaOptions, now: EpochMs): Step {
  return {
    state: {
      options,
      epoch: null,
      lastHeardAt: now,
      day: null,
      dayTimeMs: 0,
      undated: [],
      dateless: false,
      lastFixAt: null,
      fixes: 0,
      epochsWithoutFix: 0,
      unmeasured: 0,
      datedByReceipt: 0,
      weekRollbacks: 0,
      rollbackEras: 0,
    },
    readings: [],
    replies: [],
  };
}

export function onNmeaMessage(state: NmeaState, message: NmeaMessage, receivedAt: EpochMs): Step {
  if (message.kind === 'other' || message.kind === 'gsv') return step(state);
  const timeMs = 'time' in message && message.time !== null ? millisecondsOfDay(message.time) : null;

  const readings: SessionReading[] = [];
  let next: NmeaState = state;
  if (timeMs !== null && state.epoch !== null && !belongs(state.epoch, message.type, timeMs)) {
    const closed = give(state, state.lastHeardAt);
    readings.push(...closed.readings);
    next = { ...closed.state, epoch: null };
  }
  const epoch = next.epoch ?? (timeMs === null ? null : emptyEpoch(timeMs));
  if (epoch === null) return step({ ...next, lastHeardAt: receivedAt }, readings);

  const seen = timeMs === null ? epoch.seen : { ...epoch.seen, [message.type]: timeMs };
  const added = complete(add({ ...epoch, seen }, message));
  next = { ...next, epoch: added, lastHeardAt: receivedAt };
  if (added.complete && !added.given) {
    const given = give(next, receivedAt);
    return step(given.state, [...readings, ...given.readings]);
  }
  return step(next, readings);
}

export function onNmeaTick(state: NmeaState, now: EpochMs): Step {
  const quietMs = now - state.lastHeardAt;
  const given = quietMs < EPOCH_QUIET_MS ? step(state) : give(state, state.lastHeardAt);
  if (given.state.undated.length === 0 || quietMs < UNDATED_QUIET_MS) return given;
  return step({ ...given.state, undated: [], dateless: true }, [...given.state.undated, ...given.readings]);
}

function belongs(epoch: Epoch, type: string, timeMs: number): boolean {
  const distance = Math.abs(timeMs - epoch.timeMs);
  if (Math.min(distance, DAY_MS - distance) > SAME_EPOCH_MS) return false;
  const told = epoch.seen[type];
  return told === undefined || told === timeMs;
}

function emptyEpoch(timeMs: number): Epoch {
  return {
    timeMs,
    date: null,
    seen: {},
    position: null,
    talkers: [],
    withoutFix: [],
    unmeasured: false,
    speedMps: null,
    courseDeg: null,
    altitudeM: null,
    hdop: null,
    satellites: null,
    complete: false,
    given: false,
  };
}

function add(epoch: Epoch, message: Exclude<NmeaMessage, { kind: 'other' | 'gsv' }>): Epoch {
  switch (message.kind) {
    case 'rmc': {
      const moved: Epoch = {
        ...epoch,
        date: message.date === null ? epoch.date : (dayOf(fullYear(message.date.yy), message.date) ?? epoch.date),
        speedMps: message.speedKn === null ? epoch.speedMps : message.speedKn * MPS_PER_KNOT,
        courseDeg: message.courseDeg ?? epoch.courseDeg,
      };
      return withPosition(moved, message, message.status === 'A', message.mode);
    }
    case 'gll':
      return withPosition(epoch, message, message.status === 'A', message.mode);
    case 'gga': {
      const quality = message.quality ?? 0;
      const unmeasured = UNMEASURED_QUALITIES.has(quality);
      return withPosition(
        withQuality(epoch, message),
        message,
        MEASURED_QUALITIES.has(quality),
        unmeasured ? 'E' : null,
      );
    }
    case 'gns': {
      // One letter a system: a fix when any of them measured.
      const modes = [...(message.modes ?? '')];
      const measured = modes.some((mode) => mode !== 'N' && !UNMEASURED_MODES.includes(mode));
      const unmeasured = !measured && modes.some((mode) => UNMEASURED_MODES.includes(mode));
      return withPosition(withQuality(epoch, message), message, measured, unmeasured ? 'E' : null);
    }
    case 'gsa':
      return { ...epoch, hdop: epoch.hdop ?? message.hdop };
    case 'vtg':
      return {
        ...epoch,
        speedMps:
          epoch.speedMps ??
          (message.speedKn !== null
            ? message.speedKn * MPS_PER_KNOT
            : message.speedKmh !== null
              ? message.speedKmh * MPS_PER_KMH
              : null),
        courseDeg: epoch.courseDeg ?? message.courseTrue,
      };
    case 'zda': {
      const { year } = message;
      const date = year === null ? null : dayOf(year, message);
      return date === null ? epoch : { ...epoch, date };
    }
  }
}

function withQuality(
  epoch: Epoch,
  message: { readonly altMslM: number | null; readonly hdop: number | null; readonly sats: number | null },
): Epoch {
  return {
    ...epoch,
    altitudeM: message.altMslM ?? epoch.altitudeM,
    hdop: message.hdop ?? epoch.hdop,
    satellites: message.sats ?? epoch.satellites,
  };
}

function withPosition(
  epoch: Epoch,
  message: { readonly talker: string; readonly lat: number | null; readonly lon: number | null },
  measured: boolean,
  mode: string | null,
): Epoch {
  if (mode !== null && UNMEASURED_MODES.includes(mode)) return { ...epoch, unmeasured: true };
  const { talker, lat, lon } = message;
  if (!measured || mode === 'N' || lat === null || lon === null) {
    return {
      ...epoch,
      withoutFix: epoch.withoutFix.includes(talker) ? epoch.withoutFix : [...epoch.withoutFix, talker],
    };
  }
  return {
    ...epoch,
    position: epoch.position ?? { talker, lon, lat },
    talkers: epoch.talkers.includes(talker) ? epoch.talkers : [...epoch.talkers, talker],
  };
}

function complete(epoch: Epoch): Epoch {
  if (epoch.complete) return epoch;
  const hasMovement = epoch.seen['RMC'] !== undefined;
  const hasQuality = epoch.seen['GGA'] !== undefined || epoch.seen['GNS'] !== undefined;
  return hasMovement && hasQuality && epoch.position !== null ? { ...epoch, complete: true } : epoch;
}

/** The epoch's fix, when it has a measured one; the epoch is marked as given either way. */
function give(state: NmeaState, receivedAt: EpochMs): Step {
  const { epoch } = state;
  if (epoch === null || epoch.given) return step(state);
  const dated = dateOf(state, epoch, receivedAt);
  let next: NmeaState = { ...state, day: dated.day, dayTimeMs: epoch.timeMs, epoch: { ...epoch, given: true } };
  if (epoch.unmeasured) return step({ ...next, unmeasured: next.unmeasured + 1 });
  const { position } = epoch;
  if (position === null || epoch.withoutFix.includes(position.talker)) {
    return step({ ...next, epochsWithoutFix: next.epochsWithoutFix + 1 });
  }

  let occurredAt = dated.at;
  if (dated.byReceipt) {
    next = { ...next, day: null, datedByReceipt: next.datedByReceipt + 1 };
  } else {
    const eras = erasBehind(occurredAt, receivedAt);
    next = { ...next, rollbackEras: eras, weekRollbacks: next.weekRollbacks + (eras === 0 ? 0 : 1) };
    if (state.options.repairWeekRollback) occurredAt += eras * ROLLBACK_MS;
  }
  // A sentence that comes after its epoch was closed opens it again and must not give it twice.
  if (occurredAt === state.lastFixAt) return step(next);
  next = { ...next, lastFixAt: occurredAt, fixes: next.fixes + 1 };
  const reading = fixReading(epoch, position, occurredAt);
  if (!dated.byReceipt) {
    const held = state.undated.map((earlier) => ({
      ...earlier,
      occurredAt: timeBefore(earlier.occurredAt, occurredAt),
    }));
    return step({ ...next, undated: [] }, [...held, reading]);
  }
  if (state.dateless) return step(next, [reading]);
  const undated = [...state.undated, reading];
  if (undated.length <= MAX_UNDATED) return step({ ...next, undated });
  return step({ ...next, undated: [], dateless: true }, undated);
}

function fixReading(epoch: Epoch, position: NonNullable<Epoch['position']>, occurredAt: EpochMs): SessionReading {
  return {
    body: {
      kind: 'PositionFix',
      longitude: position.lon,
      latitude: position.lat,
      speedMps: epoch.speedMps,
      courseDeg: epoch.courseDeg,
      altitudeM: epoch.altitudeM,
      hdop: epoch.hdop,
      satellites: epoch.satellites,
      accuracyM: null,
      system: systemOf(epoch.talkers),
    },
    occurredAt,
    ackToken: null,
    origin: null,
  };
}

/** The last instant not after `later` with the time of day of `undated`. */
function timeBefore(undated: EpochMs, later: EpochMs): EpochMs {
  return later - ((((later - undated) % DAY_MS) + DAY_MS) % DAY_MS);
}

/** The epoch's own date; else the last one told, moved over midnight; else the day that puts the time nearest to the receipt. */
function dateOf(
  state: NmeaState,
  epoch: Epoch,
  receivedAt: EpochMs,
): { readonly day: CalendarDay | null; readonly at: EpochMs; readonly byReceipt: boolean } {
  if (epoch.date !== null) return { day: epoch.date, at: instant(epoch.date, epoch.timeMs), byReceipt: false };
  if (state.day !== null) {
    const passedMidnight = state.dayTimeMs - epoch.timeMs > DAY_MS / 2;
    const steppedBack = epoch.timeMs - state.dayTimeMs > DAY_MS / 2;
    const shift = passedMidnight ? DAY_MS : steppedBack ? -DAY_MS : 0;
    const at = instant(state.day, epoch.timeMs) + shift;
    return { day: dayAt(at), at, byReceipt: false };
  }
  const midnight = receivedAt - (receivedAt % DAY_MS);
  const candidates = [midnight - DAY_MS, midnight, midnight + DAY_MS].map((start) => start + epoch.timeMs);
  const at = candidates.reduce((best, candidate) =>
    Math.abs(candidate - receivedAt) < Math.abs(best - receivedAt) ? candidate : best,
  );
  return { day: null, at, byReceipt: true };
}

function erasBehind(occurredAt: EpochMs, receivedAt: EpochMs): number {
  const eras = Math.round((receivedAt - occurredAt) / ROLLBACK_MS);
  return eras >= 1 && Math.abs(receivedAt - occurredAt - eras * ROLLBACK_MS) < ROLLBACK_TOLERANCE_MS ? eras : 0;
}

function systemOf(talkers: readonly string[]): PositionFix['system'] {
  const [first] = talkers;
  if (first === undefined) return 'UNKNOWN';
  return talkers.length > 1 ? 'COMBINED' : (TALKER_SYSTEMS[first] ?? 'UNKNOWN');
}

function fullYear(yy: number): number {
  return yy >= CENTURY_PIVOT ? 1900 + yy : 2000 + yy;
}

/** Null for what is no day of the calendar, such as the zeros of a receiver without an almanac. */
function dayOf(year: number, date: { readonly day: number | null; readonly month: number | null }): CalendarDay | null {
  const { day, month } = date;
  if (day === null || month === null || month < 1 || month > 12 || day < 1 || year < 1980 || year > 9999) return null;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day > daysInMonth ? null : { year, month, day };
}

function dayAt(at: EpochMs): CalendarDay {
  const date = new Date(at);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

function instant(day: CalendarDay, timeMs: number): EpochMs {
  return Date.UTC(day.year, day.month - 1, day.day) + timeMs;
}

/** `hh:mm:ss[.f…]` → milliseconds of the day, or null beyond 23:59:60 (a leap second). */
function millisecondsOfDay(time: string): number | null {
  const hours = Number(time.slice(0, 2));
  const minutes = Number(time.slice(3, 5));
  const seconds = Number(time.slice(6));
  if (hours > 23 || minutes > 59 || !(seconds < 61)) return null;
  return (hours * 60 + minutes) * 60_000 + Math.round(seconds * 1000);
}

function step(state: NmeaState, readings: readonly SessionReading[] = []): Step {
  return { state, readings, replies: [] };
}
