import type { EpochMs } from '#libs/kernel';
import { xorOf } from './checksum.js';

/** One fix as the simulator knows it. */
export interface NmeaFix {
  /** `GP`, `GB`, `GN` … */
  readonly talker?: string;
  readonly at: EpochMs;
  readonly longitude: number;
  readonly latitude: number;
  readonly speedMps?: number;
  readonly courseDeg?: number;
  readonly altitudeM?: number;
  readonly satellites?: number;
  readonly hdop?: number;
}

/** `$` body `*hh` CRLF. `body` is ASCII from the talker on, without `$` and `*`. */
export function encodeSentence(body: string): Uint8Array {
  const bytes = Buffer.from(body, 'latin1');
  const sum = xorOf(bytes, 0, bytes.length).toString(16).toUpperCase().padStart(2, '0');
  return Buffer.from(`$${body}*${sum}\r\n`, 'latin1');
}

/** RMC and GGA of one epoch, autonomous mode, five decimals of minutes (about 2 cm). */
export function encodeFix(fix: NmeaFix): Uint8Array {
  const talker = fix.talker ?? 'GN';
  const iso = new Date(fix.at).toISOString();
  const time = `${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}.${iso.slice(20, 22)}`;
  const date = `${iso.slice(8, 10)}${iso.slice(5, 7)}${iso.slice(2, 4)}`;
  const place = `${angle(fix.latitude, 2, 'N', 'S')},${angle(fix.longitude, 3, 'E', 'W')}`;
  const speed = fix.speedMps === undefined ? '' : ((fix.speedMps * 3600) / 1852).toFixed(3);
  const course = fix.courseDeg === undefined ? '' : fix.courseDeg.toFixed(2);
  const satellites = String(fix.satellites ?? 12).padStart(2, '0');
  const altitude = fix.altitudeM === undefined ? ',M' : `${fix.altitudeM.toFixed(1)},M`;
  return Buffer.concat([
    encodeSentence(`${talker}RMC,${time},A,${place},${speed},${course},${date},,,A,V`),
    encodeSentence(`${talker}GGA,${time},${place},1,${satellites},${(fix.hdop ?? 0.9).toFixed(1)},${altitude},,M,,`),
  ]);
}

/** Degrees → `ddmm.mmmmm,N`. Rounded as a whole number of 1e-5 minutes, so that minutes never show 60. */
function angle(degrees: number, degreeDigits: number, positive: string, negative: string): string {
  const units = Math.round(Math.abs(degrees) * 60 * 1e5);
  const whole = Math.floor(units / 6_000_000);
  const minutes = ((units % 6_000_000) / 1e5).toFixed(5).padStart(8, '0');
  return `${String(whole).padStart(degreeDigits, '0')}${minutes},${degrees < 0 ? negative : positive}`;
}
