import { describe, expect, it } from '@jest/globals';
import type { SessionReading } from '#libs/telemetry';
import { fromHex, loadVectors } from '../framing.laws.js';
import { encodeFix, encodeSentence } from './encode.js';
import { nmea } from './index.js';
import type { NmeaState } from './session.js';

const NOW = Date.UTC(2026, 10, 22, 5, 0, 0);

interface Heard {
  readonly state: NmeaState;
  readonly readings: readonly SessionReading[];
}

/** Bytes through framer, codec and session, and one tick three seconds later. */
function hear(bytes: Uint8Array, receivedAt = NOW, options: Record<string, unknown> = {}): Heard {
  let { state } = nmea.open(nmea.parseOptions(options), receivedAt);
  const readings: SessionReading[] = [];
  for (const output of nmea.createFramer().push(bytes)) {
    const decoded = nmea.decode(output.bytes);
    if (!decoded.ok) continue;
    const step = nmea.onMessage(state, decoded.message, receivedAt);
    state = step.state;
    readings.push(...step.readings);
  }
  const tick = nmea.onTick(state, receivedAt + 3_000);
  return { state: tick.state, readings: [...readings, ...tick.readings] };
}

const hearBodies = (bodies: readonly string[], receivedAt = NOW, options: Record<string, unknown> = {}): Heard =>
  hear(Buffer.concat(bodies.map(encodeSentence)), receivedAt, options);

const times = (heard: Heard): string[] => heard.readings.map(({ occurredAt }) => new Date(occurredAt).toISOString());

const PLACE = '2954.0000,N,12151.0000,E';

describe('NMEA session', () => {
  it('gives one fix for RMC and GGA of one epoch, with the fields of both', () => {
    const heard = hearBodies([
      `GNRMC,050000.00,A,${PLACE},19.438,90.0,221126,,,A,V`,
      `GNGGA,050000.00,${PLACE},1,14,0.8,12.5,M,10.0,M,,`,
      `GNGLL,${PLACE},050000.00,A,A`,
    ]);
    expect(heard.readings).toHaveLength(1);
    expect(heard.readings[0]).toMatchObject({
      occurredAt: Date.UTC(2026, 10, 22, 5, 0, 0),
      ackToken: null,
      origin: null,
      // 19.438 knots are 10.000 m/s; 29° 54′ is 29.9°, 121° 51′ is 121.85°.
      body: {
        kind: 'PositionFix',
        longitude: 121.85,
        latitude: 29.9,
        courseDeg: 90,
        altitudeM: 12.5,
        hdop: 0.8,
        satellites: 14,
        accuracyM: null,
        system: 'COMBINED',
      },
    });
    const body = heard.readings[0]?.body;
    expect(body?.kind === 'PositionFix' ? body.speedMps : null).toBeCloseTo(10, 3);
  });

  it('gives the fix at the GGA and does not wait for the next epoch', () => {
    let { state } = nmea.open(nmea.parseOptions({}), NOW);
    const counts = [`GPRMC,050000,A,${PLACE},0,,221126,,,A`, `GPGGA,050000,${PLACE},1,8,1,5,M,,M,,`].map((body) => {
      const decoded = nmea.decode(encodeSentence(body));
      if (!decoded.ok) throw new Error(decoded.reason);
      const step = nmea.onMessage(state, decoded.message, NOW);
      state = step.state;
      return step.readings.length;
    });
    expect(counts).toEqual([0, 1]);
    expect(nmea.onTick(state, NOW + 1_000).readings).toEqual([]);
  });

  it('pairs RMC and GGA whose milliseconds differ, and parts epochs of a 5 Hz receiver', () => {
    const paired = hearBodies([
      `GNGGA,050000.000,${PLACE},1,14,0.8,12.5,M,10.0,M,,`,
      `GNRMC,050000.200,A,${PLACE},0,,221126,,,A`,
    ]);
    expect(times(paired)).toEqual(['2026-11-22T05:00:00.000Z']);
    const fast = hearBodies(
      ['00.00', '00.20', '00.40'].flatMap((second) => [
        `GNRMC,0500${second},A,${PLACE},0,,221126,,,A`,
        `GNGGA,0500${second},${PLACE},1,14,0.8,12.5,M,10.0,M,,`,
      ]),
    );
    expect(times(fast)).toEqual(['2026-11-22T05:00:00.000Z', '2026-11-22T05:00:00.200Z', '2026-11-22T05:00:00.400Z']);
  });

  it('moves the date over midnight for times without one', () => {
    const heard = hearBodies([
      'GPZDA,235959.00,31,12,2026,00,00',
      `GPGLL,${PLACE},235959.00,A,A`,
      `GPGLL,${PLACE},000000.00,A,A`,
      `GPGLL,${PLACE},000001.00,A,A`,
    ]);
    expect(times(heard)).toEqual(['2026-12-31T23:59:59.000Z', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:01.000Z']);
  });

  it('takes the date of the RMC when GGA comes first after midnight', () => {
    const heard = hearBodies([
      `GPRMC,235959,A,${PLACE},0,,311226,,,A`,
      `GPGGA,235959,${PLACE},1,8,1,5,M,,M,,`,
      `GPGGA,000000,${PLACE},1,8,1,5,M,,M,,`,
      `GPRMC,000000,A,${PLACE},0,,010127,,,A`,
    ]);
    expect(times(heard)).toEqual(['2026-12-31T23:59:59.000Z', '2027-01-01T00:00:00.000Z']);
  });

  it('dates a receiver that never tells a date by the receipt, over midnight too', () => {
    const justAfterMidnight = Date.UTC(2026, 10, 22, 0, 0, 1);
    const heard = hearBodies([`GPGLL,${PLACE},235959.00,A,A`], justAfterMidnight);
    expect(times(heard)).toEqual(['2026-11-21T23:59:59.000Z']);
    expect(heard.state.datedByReceipt).toBe(1);
  });

  it('dates the fixes before the first date by that date', () => {
    const heard = hearBodies([
      `GPGLL,${PLACE},235958,A,A`,
      `GPGLL,${PLACE},235959,A,A`,
      `GPRMC,000000,A,${PLACE},0,,150608,,,A`,
      `GPGGA,000000,${PLACE},1,8,1,5,M,,M,,`,
    ]);
    expect(times(heard)).toEqual(['2008-06-14T23:59:58.000Z', '2008-06-14T23:59:59.000Z', '2008-06-15T00:00:00.000Z']);
  });

  it.each([
    ['quality 0', `GPGGA,050000,${PLACE},0,0,99.9,,M,,M,,`, { epochsWithoutFix: 1 }],
    ['quality 6, dead reckoning', `GPGGA,050000,${PLACE},6,0,99.9,,M,,M,,`, { unmeasured: 1 }],
    ['quality 7, by hand', `GPGGA,050000,${PLACE},7,0,99.9,,M,,M,,`, { unmeasured: 1 }],
    ['quality 8, simulator', `GPGGA,050000,${PLACE},8,0,99.9,,M,,M,,`, { unmeasured: 1 }],
    ['status V', `GPRMC,050000,V,${PLACE},0,,221126,,,N`, { epochsWithoutFix: 1 }],
    ['mode N', `GPRMC,050000,A,${PLACE},0,,221126,,,N`, { epochsWithoutFix: 1 }],
    ['mode E', `GPRMC,050000,A,${PLACE},0,,221126,,,E`, { unmeasured: 1 }],
    ['mode M', `GPGLL,${PLACE},050000,A,M`, { unmeasured: 1 }],
    ['mode S', `GPRMC,050000,A,${PLACE},0,,221126,,,S`, { unmeasured: 1 }],
    ['GNS without a mode that measures', `GNGNS,050000,${PLACE},NN,0,,,,,`, { epochsWithoutFix: 1 }],
  ])('takes %s for no fix and counts it', (_, body, counted) => {
    const heard = hearBodies([body]);
    expect(heard.readings).toEqual([]);
    expect(heard.state).toMatchObject(counted);
  });

  it('lets a simulated GGA forbid the fix that its RMC claims', () => {
    const heard = hearBodies([`GPRMC,050000,A,${PLACE},0,,221126,,,A`, `GPGGA,050000,${PLACE},8,8,1,5,M,,M,,`]);
    expect(heard.readings).toEqual([]);
  });

  it.each([
    ['GP', 'GPS'],
    ['BD', 'BEIDOU'],
    ['GB', 'BEIDOU'],
    ['GL', 'GLONASS'],
    ['GA', 'GALILEO'],
    ['GQ', 'QZSS'],
    ['QZ', 'QZSS'],
    ['GI', 'NAVIC'],
    ['GN', 'COMBINED'],
    ['II', 'UNKNOWN'],
  ])('takes talker %s for %s', (talker, system) => {
    expect(hearBodies([`${talker}GLL,${PLACE},050000,A,A`]).readings[0]?.body).toMatchObject({ system });
  });

  it('flags a clock that is 1024 weeks behind, and repairs it only when told to', () => {
    // 2026-11-22 less 7,168 days is 2007-04-08.
    const bodies = [`GPRMC,050000,A,${PLACE},0,,080407,,,A`, `GPGGA,050000,${PLACE},1,8,1,5,M,,M,,`];
    const flagged = hearBodies(bodies);
    expect(times(flagged)).toEqual(['2007-04-08T05:00:00.000Z']);
    expect(flagged.state).toMatchObject({ rollbackEras: 1, weekRollbacks: 1 });
    expect(times(hearBodies(bodies, NOW, { repairWeekRollback: 'true' }))).toEqual(['2026-11-22T05:00:00.000Z']);
    // A month more is a wrong clock and no rollback.
    const wrong = hearBodies(bodies.map((body) => body.replace('080407', '080507')));
    expect(wrong.state).toMatchObject({ rollbackEras: 0, weekRollbacks: 0 });
  });

  it('takes two-digit years from 80 on for the last century', () => {
    const heard = hearBodies([`GPRMC,000000,A,${PLACE},0,,060180,,,A`]);
    expect(times(heard)).toEqual(['1980-01-06T00:00:00.000Z']);
  });

  it('takes the speed from VTG where there is no RMC', () => {
    const heard = hearBodies([`GPGLL,${PLACE},050000,A,A`, 'GPVTG,45.0,T,,M,,N,36.0,K,A']);
    // 36 km/h are 10 m/s.
    expect(heard.readings[0]?.body).toMatchObject({ speedMps: 10, courseDeg: 45 });
  });

  it.each(loadVectors('nmea').filter(({ kind }) => kind === 'stream'))(
    'gives no more than one fix an instant, in order, from the slice $id',
    ({ chunks = [], expect: expected }) => {
      const heard = hear(fromHex(chunks.join('')));
      const instants = heard.readings.map(({ occurredAt }) => occurredAt);
      expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
      const told = expected['fixes'] as readonly {
        readonly time: string;
        readonly lat: number;
        readonly lon: number;
      }[];
      for (const { body } of heard.readings) {
        if (body.kind !== 'PositionFix') throw new Error('no fix');
        expect(
          told.some(({ lat, lon }) => Math.abs(lat - body.latitude) < 1e-6 && Math.abs(lon - body.longitude) < 1e-6),
        ).toBe(true);
      }
      expect(heard.readings.length > 0).toBe(told.length > 0);
    },
  );

  it('reads back what the simulator sends', () => {
    const at = Date.UTC(2026, 10, 22, 5, 0, 0, 250);
    const bytes = encodeFix({
      talker: 'GB',
      at,
      longitude: 121.99999999,
      latitude: -29.87654,
      speedMps: 8.3,
      courseDeg: 271.5,
    });
    const [reading] = hear(bytes).readings;
    expect(reading?.occurredAt).toBe(at);
    if (reading?.body.kind !== 'PositionFix') throw new Error('no fix');
    // Five decimals of minutes are 1.7e-7 degrees.
    expect(reading.body.longitude).toBeCloseTo(122, 6);
    expect(reading.body.latitude).toBeCloseTo(-29.87654, 6);
    expect(reading.body.speedMps).toBeCloseTo(8.3, 2);
    expect(reading.body).toMatchObject({ courseDeg: 271.5, system: 'BEIDOU' });
  });
});
