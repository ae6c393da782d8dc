import { containerCheckDigit } from '#libs/identifiers';
import { DomainError, type EpochMs } from '#libs/kernel';
import { SANDBOX_OFFICE, SANDBOX_OWNER, SANDBOX_UNLOCODE } from '#libs/tracking';

/** Sandboxes of an installation, and runs of one: together the six digits of a box number. */
export const MOST_SANDBOXES = 100;
export const MOST_RUNS = 10_000;

/** Letters with which a battery or other new-energy plate begins (GA 36-2018). */
const SERIES = 'ABCDEFGHJK';
const DEGREES_APART = 0.05;

/** @throws DomainError INVALID_INPUT */
export function sandboxSite(name: string): string {
  if (!/^[A-Z0-9]{2,12}$/.test(name)) {
    const expected = '2 to 12 of A to Z and 0 to 9';
    throw new DomainError(
      'INVALID_INPUT',
      { field: 'name', value: name, expected },
      { message: `"${name}" is no name of a sandbox: ${expected}.` },
    );
  }
  return `${SANDBOX_UNLOCODE}-${name}`;
}

/** What stands in a sandbox, by its site. Pure. */
export function sandboxPlaces(siteId: string) {
  const gateId = `${siteId}/G1`;
  return {
    siteId,
    gateId,
    laneIn: `${gateId}-L1`,
    laneOut: `${gateId}-L2`,
    terminal: `${siteId}/TERMINAL`,
    yard: `${siteId}/YARD`,
  };
}

export type SandboxPlaces = ReturnType<typeof sandboxPlaces>;

interface LonLat {
  readonly longitude: number;
  readonly latitude: number;
}

/** Far from every port: in the South Atlantic, each sandbox some 5 km from the next. WGS-84 degrees. */
export function sandboxOrigin(ordinal: number): LonLat {
  return {
    longitude: -20 + (ordinal % 10) * DEGREES_APART,
    latitude: -35 + Math.floor(ordinal / 10) * DEGREES_APART,
  };
}

/** Metres east and north of the sandbox's origin, near enough for a yard. */
export function placeAt(origin: LonLat, eastM: number, northM: number): LonLat {
  return {
    longitude: origin.longitude + eastM / (111_320 * Math.cos((origin.latitude * Math.PI) / 180)),
    latitude: origin.latitude + northM / 110_950,
  };
}

/** A ring of a GeoJSON polygon. */
export function square(origin: LonLat, west: number, south: number, east: number, north: number): [number, number][] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ].map(([e = 0, n = 0]) => {
    const { longitude, latitude } = placeAt(origin, e, n);
    return [longitude, latitude];
  });
}

/** Of the yard zone, metres from the origin: its west edge is what trucks cross. */
export const YARD_WEST_M = 300;

/** One run's actors and moment. */
export interface SandboxStage extends SandboxPlaces {
  readonly origin: LonLat;
  /** Of this run alone. */
  readonly box: string;
  /** The same with a wrong check digit. */
  readonly wrongBox: string;
  readonly truck: string;
  readonly receiver: string;
  readonly seal: string;
  /** The run's id: boot of its devices. */
  readonly boot: string;
  readonly now: EpochMs;
}

export function stageOf(siteId: string, ordinal: number, run: number, boot: string, now: EpochMs): SandboxStage {
  const serial = ordinal * MOST_RUNS + run;
  const digits = String(serial).padStart(6, '0');
  const checkDigit = containerCheckDigit(`${SANDBOX_OWNER}${digits}`);
  return {
    ...sandboxPlaces(siteId),
    origin: sandboxOrigin(ordinal),
    box: `${SANDBOX_OWNER}${digits}${checkDigit}`,
    wrongBox: `${SANDBOX_OWNER}${digits}${(Number(checkDigit) + 1) % 10}`,
    truck: `${SANDBOX_OFFICE}${SERIES.charAt(Math.floor(serial / 100_000))}${String(serial % 100_000).padStart(5, '0')}`,
    receiver: `${siteId}/GNSS-${digits}`,
    seal: `SBX${digits}`,
    boot,
    now,
  };
}
