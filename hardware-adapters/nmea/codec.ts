import type { Decoded, Rejected } from '#libs/telemetry';
import { hexDigit } from './checksum.js';
import { BANG, COMMA, CR, DOLLAR, LF, MAX_SENTENCE_BYTES, STAR } from './definition.js';

/*
 *   $ G P R M C , 1 0 2 1 3 9 . 0 0 , A , … * 7 6 CR LF
 *   | \_/ \___/ \_________________________/   \_/
 *   | talker type        fields               XOR of all between $ and *, two hex digits
 *   $ sentence, ! armoured data (AIS); $P… is proprietary: maker's code instead of the talker
 */

interface Sentence {
  readonly talker: string;
  readonly type: string;
  readonly checksumPresent: boolean;
  /** False only where the checksum is absent and the caller allowed that. */
  readonly checksumOk: boolean;
}

/** `hh:mm:ss` and the fraction as the device wrote it. UTC. */
type TimeOfDay = string | null;

export interface Rmc extends Sentence {
  readonly kind: 'rmc';
  readonly time: TimeOfDay;
  /** A valid, V warning. */
  readonly status: string | null;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly speedKn: number | null;
  readonly courseDeg: number | null;
  readonly date: { readonly day: number; readonly month: number; readonly yy: number } | null;
  /** A autonomous, D differential, E estimated, F float RTK, M manual, N none, P precise, R RTK, S simulator. */
  readonly mode: string | null;
  /** NMEA 4.1: S safe, C caution, U unsafe, V not provided. */
  readonly navStatus: string | null;
}

export interface Gga extends Sentence {
  readonly kind: 'gga';
  readonly time: TimeOfDay;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly quality: number | null;
  readonly sats: number | null;
  readonly hdop: number | null;
  readonly altMslM: number | null;
  readonly geoidSepM: number | null;
  readonly diffAgeS: number | null;
  readonly stationId: string | null;
}

export interface Gns extends Sentence {
  readonly kind: 'gns';
  readonly time: TimeOfDay;
  readonly lat: number | null;
  readonly lon: number | null;
  /** One mode letter a system: GPS, GLONASS, Galileo, BeiDou, QZSS, NavIC. */
  readonly modes: string | null;
  readonly sats: number | null;
  readonly hdop: number | null;
  readonly altMslM: number | null;
  readonly geoidSepM: number | null;
}

export interface Gll extends Sentence {
  readonly kind: 'gll';
  readonly lat: number | null;
  readonly lon: number | null;
  readonly time: TimeOfDay;
  readonly status: string | null;
  readonly mode: string | null;
}

export interface Gsa extends Sentence {
  readonly kind: 'gsa';
  /** A automatic, M manual choice of 2D or 3D. */
  readonly selMode: string | null;
  /** 1 none, 2 2D, 3 3D. */
  readonly fixMode: number | null;
  readonly sats: readonly number[];
  readonly pdop: number | null;
  readonly hdop: number | null;
  readonly vdop: number | null;
  /** NMEA 4.11: 1 GPS, 2 GLONASS, 3 Galileo, 4 BeiDou, 5 QZSS, 6 NavIC; raw, because some modules put other things there. */
  readonly systemIdRaw: string | null;
}

export interface SatelliteInView {
  readonly prn: number;
  readonly el: number | null;
  readonly az: number | null;
  /** dB-Hz; null when it is not tracked. */
  readonly snr: number | null;
}

export interface Gsv extends Sentence {
  readonly kind: 'gsv';
  readonly total: number | null;
  readonly num: number | null;
  readonly inView: number | null;
  readonly sats: readonly SatelliteInView[];
  /** NMEA 4.11: one hex digit behind the satellites. */
  readonly signalId: string | null;
}

export interface Vtg extends Sentence {
  readonly kind: 'vtg';
  readonly courseTrue: number | null;
  readonly courseMag: number | null;
  readonly speedKn: number | null;
  readonly speedKmh: number | null;
  readonly mode: string | null;
}

export interface Zda extends Sentence {
  readonly kind: 'zda';
  readonly time: TimeOfDay;
  readonly day: number | null;
  readonly month: number | null;
  readonly year: number | null;
}

/** Any other sentence with a right checksum: AIS, proprietary, depth, heading. */
export interface OtherSentence extends Sentence {
  readonly kind: 'other';
  /** Behind the address, as they came. */
  readonly fields: readonly string[];
}

export type NmeaMessage = Rmc | Gga | Gns | Gll | Gsa | Gsv | Vtg | Zda | OtherSentence;

export interface NmeaDecodeOptions {
  /** Takes sentences without `*hh`; a wrong checksum stays refused. */
  readonly allowMissingChecksum?: boolean;
}

/*
 * Scratch of one call: places of the field bounds. field(i) is [bounds[i] + 1, bounds[i + 1]).
 * decodeSentence is synchronous and keeps nothing between calls, so one array serves all.
 */
const bounds = new Uint16Array(MAX_SENTENCE_BYTES + 4);
let bytes: Uint8Array = new Uint8Array(0);
let fieldCount = 0;

/**
 * One sentence from `$` or `!` to its checksum, with or without line end.
 * Refuses with `start`, `length`, `checksum`, `checksum_missing` or `address`. A field that cannot be read is null.
 */
export function decodeSentence(frame: Uint8Array, options: NmeaDecodeOptions = {}): Decoded<NmeaMessage> {
  let end = frame.length;
  while (end > 0 && (frame[end - 1] === LF || frame[end - 1] === CR)) end--;
  if (end > MAX_SENTENCE_BYTES) return reject('length', `${end} bytes, at most ${MAX_SENTENCE_BYTES}`);
  if (frame[0] !== DOLLAR && frame[0] !== BANG) return reject('start', 'expected $ or ! as the first byte');

  const star = end - 3;
  const summed = star > 0 && frame[star] === STAR;
  if (!summed) {
    if (frame.indexOf(STAR) >= 0) return reject('checksum', 'expected * and two hex digits at the end');
    if (options.allowMissingChecksum !== true) return reject('checksum_missing', 'no * and two hex digits at the end');
  }
  const bodyEnd = summed ? star : end;

  let sum = 0;
  let count = 0;
  for (let i = 1; i < bodyEnd; i++) {
    const byte = frame[i] as number;
    sum ^= byte;
    if (byte === COMMA) bounds[++count] = i;
  }
  if (summed) {
    const told = (hexDigit(frame[star + 1] as number) << 4) | hexDigit(frame[star + 2] as number);
    if (told !== sum) {
      return reject(
        'checksum',
        `*${text(frame, star + 1, end)}, expected *${sum.toString(16).toUpperCase().padStart(2, '0')}`,
      );
    }
  }
  bounds[0] = 0;
  bounds[count + 1] = bodyEnd;
  bytes = frame;
  fieldCount = count + 1;
  return decodeFields(summed);
}

// The three letters of a type as one number.
const RMC = 0x524d43;
const GGA = 0x474741;
const GNS = 0x474e53;
const GLL = 0x474c4c;
const GSA = 0x475341;
const GSV = 0x475356;
const VTG = 0x565447;
const ZDA = 0x5a4441;

const PROPRIETARY = 0x50;

function decodeFields(summed: boolean): Decoded<NmeaMessage> {
  const addressLength = (bounds[1] as number) - 1;
  if (addressLength < 1) return reject('address', 'no talker and type');
  const standard = addressLength === 5 && bytes[1] !== PROPRIETARY && bytes[0] === DOLLAR;
  const type = standard ? ((bytes[3] as number) << 16) | ((bytes[4] as number) << 8) | (bytes[5] as number) : 0;
  switch (type) {
    case RMC:
      return accept({
        talker: talker(),
        type: 'RMC',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'rmc',
        time: time(1),
        status: letter(2),
        lat: angle(3, 90),
        lon: angle(5, 180),
        speedKn: number(7),
        courseDeg: number(8),
        date: date(9),
        mode: letter(12),
        navStatus: letter(13),
      });
    case GGA:
      return accept({
        talker: talker(),
        type: 'GGA',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'gga',
        time: time(1),
        lat: angle(2, 90),
        lon: angle(4, 180),
        quality: integer(6),
        sats: integer(7),
        hdop: number(8),
        altMslM: number(9),
        geoidSepM: number(11),
        diffAgeS: number(13),
        stationId: string(14),
      });
    case GNS:
      return accept({
        talker: talker(),
        type: 'GNS',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'gns',
        time: time(1),
        lat: angle(2, 90),
        lon: angle(4, 180),
        modes: string(6),
        sats: integer(7),
        hdop: number(8),
        altMslM: number(9),
        geoidSepM: number(10),
      });
    case GLL:
      return accept({
        talker: talker(),
        type: 'GLL',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'gll',
        lat: angle(1, 90),
        lon: angle(3, 180),
        time: time(5),
        status: letter(6),
        mode: letter(7),
      });
    case GSA:
      return accept({
        talker: talker(),
        type: 'GSA',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'gsa',
        selMode: letter(1),
        fixMode: integer(2),
        sats: satellitesUsed(),
        pdop: number(15),
        hdop: number(16),
        vdop: number(17),
        systemIdRaw: string(18),
      });
    case GSV:
      return accept({
        talker: talker(),
        type: 'GSV',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'gsv',
        total: integer(1),
        num: integer(2),
        inView: integer(3),
        sats: satellitesInView(),
        // Address and three counts, then fours: one field more is the signal (NMEA 4.11).
        signalId: fieldCount % 4 === 1 ? string(fieldCount - 1) : null,
      });
    case VTG:
      return accept({
        talker: talker(),
        type: 'VTG',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'vtg',
        courseTrue: number(1),
        courseMag: number(3),
        speedKn: number(5),
        speedKmh: number(7),
        mode: letter(9),
      });
    case ZDA:
      return accept({
        talker: talker(),
        type: 'ZDA',
        checksumPresent: summed,
        checksumOk: summed,
        kind: 'zda',
        time: time(1),
        day: integer(2),
        month: integer(3),
        year: integer(4),
      });
    default:
      return other(addressLength, summed);
  }
}

/** Proprietary: talker `P`, type the whole address (`PQGSA`); else the first two letters and the rest. */
function other(addressLength: number, summed: boolean): Decoded<OtherSentence> {
  const proprietary = bytes[1] === PROPRIETARY || addressLength < 3;
  // One decoding for all fields: latin-1, so that each byte stays one character.
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bounds[fieldCount]).toString('latin1', from(1));
  const fields = fieldCount === 1 ? [] : body.split(',');
  return accept({
    talker: proprietary ? text(bytes, 1, 2) : text(bytes, 1, 3),
    type: text(bytes, proprietary ? 1 : 3, addressLength + 1),
    checksumPresent: summed,
    checksumOk: summed,
    kind: 'other',
    fields,
  });
}

function from(field: number): number {
  return (bounds[field] as number) + 1;
}

function to(field: number): number {
  return bounds[field + 1] as number;
}

const LETTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const talkers = new Map<number, string>();

function talker(): string {
  const key = ((bytes[1] as number) << 8) | (bytes[2] as number);
  let name = talkers.get(key);
  if (name === undefined) {
    name = text(bytes, 1, 3);
    // At most 65,536 entries of two letters.
    talkers.set(key, name);
  }
  return name;
}

/** Latin-1: NMEA is ASCII, and a byte above it must not grow or vanish. */
function text(source: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let i = start; i < end; i++) out += LETTERS[source[i] as number] as string;
  return out;
}

function string(field: number): string | null {
  if (field >= fieldCount) return null;
  const start = from(field);
  const end = to(field);
  return start === end ? null : text(bytes, start, end);
}

/** A field of one letter; a longer one as it came. */
function letter(field: number): string | null {
  if (field >= fieldCount) return null;
  const start = from(field);
  const length = to(field) - start;
  if (length === 1) return LETTERS[bytes[start] as number] as string;
  return length === 0 ? null : text(bytes, start, start + length);
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
/** Up to here mantissa and power of ten are exact doubles, and their quotient is the nearest double to the decimal. */
const MAX_EXACT_DIGITS = 15;

/** Mantissa and decimals of the number that scan() read last. */
let mantissa = 0;
let decimals = 0;

/** Reads digits with at most one point in `[start, end)`; false when there is anything else or nothing. */
function scan(start: number, end: number): boolean {
  let value = 0;
  let digits = 0;
  let point = -1;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      digits++;
      // Digits behind the 15th are below any receiver's resolution.
      if (digits > MAX_EXACT_DIGITS) {
        if (point < 0) return false;
        continue;
      }
      value = value * 10 + digit;
    } else if (byte === 0x2e && point < 0) {
      point = digits;
    } else {
      return false;
    }
  }
  if (digits === 0) return false;
  mantissa = value;
  decimals = point < 0 ? 0 : Math.min(digits, MAX_EXACT_DIGITS) - point;
  return true;
}

function number(field: number): number | null {
  if (field >= fieldCount) return null;
  let start = from(field);
  const end = to(field);
  const sign = bytes[start];
  if (start < end && (sign === 0x2d || sign === 0x2b)) start++;
  if (start >= end || !scan(start, end)) return null;
  const value = mantissa / (POWERS_OF_TEN[decimals] as number);
  return sign === 0x2d && value !== 0 ? -value : value;
}

function integer(field: number): number | null {
  if (field >= fieldCount) return null;
  const start = from(field);
  const end = to(field);
  if (start === end || end - start > 9) return null;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}

/** `ddmm.mmmm` or `dddmm.mmmm` and, in the next field, the hemisphere → signed degrees; null when it is out of bounds. */
function angle(field: number, limit: number): number | null {
  const hemisphereField = field + 1;
  if (hemisphereField >= fieldCount || to(hemisphereField) - from(hemisphereField) !== 1) return null;
  const hemisphere = bytes[from(hemisphereField)] as number;
  const positive = limit === 90 ? 0x4e : 0x45;
  const negative = limit === 90 ? 0x53 : 0x57;
  if (hemisphere !== positive && hemisphere !== negative) return null;
  const start = from(field);
  const end = to(field);
  if (start === end || !scan(start, end)) return null;
  const scale = POWERS_OF_TEN[decimals] as number;
  const degrees = Math.floor(mantissa / (100 * scale));
  const minutes = (mantissa - degrees * 100 * scale) / scale;
  const value = degrees + minutes / 60;
  // 60.0 minutes is what some modules make of 59.99999 by rounding.
  if (minutes > 60 || value > limit) return null;
  return hemisphere === negative && value !== 0 ? -value : value;
}

function isDigits(start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

function twoDigits(at: number): number {
  return ((bytes[at] as number) - 0x30) * 10 + (bytes[at + 1] as number) - 0x30;
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
const COLON_TWO_DIGITS = TWO_DIGITS.map((digits) => `:${digits}`);

function two(at: number): string {
  return TWO_DIGITS[twoDigits(at)] as string;
}

/** Point and digits. Nearly every receiver sends `.00` or `.000`, and a string that exists is not built again. */
function fraction(start: number, length: number): string {
  let zeros = 1;
  while (zeros < length && bytes[start + zeros] === 0x30) zeros++;
  return zeros === length && length < POINT_ZEROS.length
    ? (POINT_ZEROS[length] as string)
    : text(bytes, start, start + length);
}

const POINT_ZEROS = ['', '.', '.0', '.00', '.000'];

function time(field: number): TimeOfDay {
  if (field >= fieldCount) return null;
  const start = from(field);
  const length = to(field) - start;
  if (length < 6 || !isDigits(start, 6)) return null;
  if (length > 6 && (bytes[start + 6] !== 0x2e || !isDigits(start + 7, length - 7))) return null;
  const whole = two(start) + COLON_TWO_DIGITS[twoDigits(start + 2)] + COLON_TWO_DIGITS[twoDigits(start + 4)];
  return length <= 7 ? whole : whole + fraction(start + 6, length - 6);
}

function date(field: number): Rmc['date'] {
  if (field >= fieldCount) return null;
  const start = from(field);
  if (to(field) - start !== 6 || !isDigits(start, 6)) return null;
  return { day: twoDigits(start), month: twoDigits(start + 2), yy: twoDigits(start + 4) };
}

/** GSA has twelve places, filled from the first on. */
function satellitesUsed(): number[] {
  const used: number[] = [];
  for (let i = 3; i < 15; i++) {
    const prn = integer(i);
    if (prn !== null) used.push(prn);
  }
  return used;
}

function satellitesInView(): SatelliteInView[] {
  const list: SatelliteInView[] = [];
  for (let i = 4; i + 3 < fieldCount; i += 4) {
    const prn = integer(i);
    if (prn !== null) list.push({ prn, el: number(i + 1), az: number(i + 2), snr: number(i + 3) });
  }
  return list;
}

function accept<M>(message: M): { readonly ok: true; readonly message: M } {
  return { ok: true, message };
}

function reject(reason: string, detail: string): Rejected {
  return { ok: false, reason, detail };
}
