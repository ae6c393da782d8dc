import type { Clock, EpochMs } from '#libs/kernel';
import { encodeFix, encodeSentence } from '#hardware-adapters/nmea';
import { createRandom, drawNormal, type Motion, type RandomState } from '../world/index.js';
import type { DeviceProtocol, Host } from './device-server.js';

/** Which systems a receiver takes: combined, BeiDou by its newer and its older talker, GPS alone. */
const TALKERS = ['GN', 'GB', 'GN', 'BD', 'GP'] as const;
export type Talker = (typeof TALKERS)[number];

/** The error of a position drifts: half of it is still there after some 45 s. */
const DRIFT_KEPT = 0.985;
const DRIFT_M = 2.2;
const WHITE_M = 0.4;
const METRES_PER_DEGREE = 111_320;
/** Below this a receiver cannot tell which way it goes. */
const SLOWEST_COURSE_MPS = 0.3;

export function talkerOf(index: number): Talker {
  return TALKERS[index % TALKERS.length] ?? 'GN';
}

/** A truck's GNSS receiver: each second RMC and GGA, each fifth second the satellites in view, to whoever listens. */
export class ReceiverDevice implements DeviceProtocol {
  private host: Host | null = null;
  private readonly random: RandomState;
  private eastM: number;
  private northM: number;
  private fixes = 0;

  constructor(
    private readonly motion: () => Motion,
    private readonly talker: Talker,
    seed: number,
    private readonly clock: Clock,
  ) {
    this.random = createRandom(seed);
    this.eastM = DRIFT_M * drawNormal(this.random);
    this.northM = DRIFT_M * drawNormal(this.random);
  }

  /** Called once a second. */
  tick(): void {
    this.host?.send(this.sentences(this.clock.now()));
  }

  sentences(now: EpochMs): Uint8Array {
    const { random } = this;
    this.eastM = DRIFT_KEPT * this.eastM + DRIFT_M * Math.sqrt(1 - DRIFT_KEPT ** 2) * drawNormal(random);
    this.northM = DRIFT_KEPT * this.northM + DRIFT_M * Math.sqrt(1 - DRIFT_KEPT ** 2) * drawNormal(random);
    const motion = this.motion();
    const perLongitude = METRES_PER_DEGREE * Math.cos((motion.latitude * Math.PI) / 180);
    const speedMps = Math.max(0, motion.speedMps + 0.05 * drawNormal(random));
    const fix = encodeFix({
      talker: this.talker,
      // receivers fix on the whole second, and tell it a little later
      at: Math.floor(now / 1_000) * 1_000,
      longitude: motion.longitude + (this.eastM + WHITE_M * drawNormal(random)) / perLongitude,
      latitude: motion.latitude + (this.northM + WHITE_M * drawNormal(random)) / METRES_PER_DEGREE,
      speedMps,
      ...(speedMps > SLOWEST_COURSE_MPS ? { courseDeg: (motion.courseDeg + 2 * drawNormal(random) + 360) % 360 } : {}),
      altitudeM: 6 + 0.5 * drawNormal(random),
      satellites: 12 + Math.round(drawNormal(random)),
      hdop: 0.9,
    });
    this.fixes += 1;
    return this.fixes % 5 === 1 ? Buffer.concat([fix, ...satellitesInView(this.talker, random)]) : fix;
  }

  onHost(host: Host): void {
    this.host = host;
  }

  onBytes(): void {
    // NMEA 0183 talks one way
  }

  onGone(host: Host): void {
    if (this.host === host) this.host = null;
  }
}

/** GSV by system, four satellites a sentence: number, elevation, azimuth in degrees and C/N0 in dBHz. */
function satellitesInView(talker: Talker, random: RandomState): Uint8Array[] {
  const systems = talker === 'GN' ? (['GP', 'GB'] as const) : [talker];
  return systems.flatMap((system) => {
    const numbers = [3, 8, 14, 21, 26, 30, 9, 17];
    return [0, 1].map((part) => {
      const views = numbers.slice(part * 4, part * 4 + 4).map((number, i) => {
        const strength = Math.round(38 + 4 * drawNormal(random));
        const azimuth = (number * 37 + i * 11) % 360;
        return `${two(number)},${two(20 + ((number * 13) % 60))},${String(azimuth).padStart(3, '0')},${two(strength)}`;
      });
      return encodeSentence(`${system}GSV,2,${part + 1},${two(numbers.length)},${views.join(',')}`);
    });
  });
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
