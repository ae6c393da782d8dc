import type { PositionFix } from '#libs/telemetry';

/** `$` opens a sentence, `!` one with armoured data (AIS). */
export const DOLLAR = 0x24;
export const BANG = 0x21;
export const STAR = 0x2a;
export const COMMA = 0x2c;
export const CR = 0x0d;
export const LF = 0x0a;

/** NMEA 0183 says 82 characters; AIS groups, proprietary lists and high-precision modules send more. */
export const MAX_SENTENCE_BYTES = 1024;

/** Talker → satellite system. BD is what BeiDou modules used before NMEA 4.11 said GB; QZ before GQ. */
export const TALKER_SYSTEMS: Readonly<Record<string, PositionFix['system']>> = {
  GP: 'GPS',
  BD: 'BEIDOU',
  GB: 'BEIDOU',
  GL: 'GLONASS',
  GA: 'GALILEO',
  GQ: 'QZSS',
  QZ: 'QZSS',
  GI: 'NAVIC',
  GN: 'COMBINED',
};

/** GGA quality: 1 GPS, 2 differential, 3 PPS, 4 RTK, 5 RTK float; 9 is the SBAS fix of some makers. */
export const MEASURED_QUALITIES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 9]);
/** GGA quality 6 dead reckoning, 7 typed in by hand, 8 simulator: a position that nobody measured. */
export const UNMEASURED_QUALITIES: ReadonlySet<number> = new Set([6, 7, 8]);
/** The same by mode letter: estimated, manual, simulator. N is "no fix". */
export const UNMEASURED_MODES = 'EMS';

/** One knot is 1852 m an hour. */
export const MPS_PER_KNOT = 1852 / 3600;
export const MPS_PER_KMH = 1 / 3.6;

/** GPS counts weeks modulo 1024: a receiver past its pivot is wrong by a multiple of 19.6 years. */
export const ROLLBACK_MS = 1024 * 7 * 86_400_000;

/** Two-digit years from 80 on are of the 20th century: GPS began in 1980. */
export const CENTURY_PIVOT = 80;
