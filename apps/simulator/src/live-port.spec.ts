import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gatewayConfigSchema } from '../../gateway/src/gateway-config.js';
import { port } from '../../../fixtures/index.js';
import { reservePort } from '../../../test/support/ports.js';
import { demoDevices, demoGatewayConfig } from './demo-gateway-config.js';
import { LivePort } from './live-port.js';
import { readSettings } from './settings.js';

const SITE = 'CNNBO-BLYUA';
const OPTIONS = { port, siteId: SITE, trucks: 20, seed: 1, speed: 1, world: null };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openPort(base: number | null, wanted: Readonly<Record<string, number>> = {}) {
  const live = new LivePort(OPTIONS);
  closing.push(() => live.close());
  return live.open(base, wanted);
}

describe('the gateway.json of the demonstration', () => {
  it('is one that the gateway takes: every lane, its three devices, and the receivers of trucks', () => {
    const devices = demoDevices(port, SITE, 20);
    const urls = Object.fromEntries(
      devices.map(({ deviceId, protocol }, i) => [deviceId, `${protocol}+tcp://127.0.0.1:${21_000 + i}`]),
    );
    const config = gatewayConfigSchema.parse(demoGatewayConfig(port, SITE, devices, urls));
    expect(config.lanes).toHaveLength(8);
    // 8 lanes of three devices, and 16 of 20 trucks have a receiver
    expect(config.devices).toHaveLength(8 * 3 + 16);
    expect(config.devices[0]).toMatchObject({
      deviceId: 'CNNBO-BLYUA/G1-L1-UHF',
      laneId: 'CNNBO-BLYUA/G1-L1',
      url: 'r2000+tcp://127.0.0.1:21000',
      antennas: [1, 2],
    });
  });
});

describe('the ports of the simulator', () => {
  it('are the same again when they are free', async () => {
    const any = await openPort(null);
    expect(new Set(Object.values(any)).size).toBe(40);
    const wanted: Record<string, number> = {};
    for (const deviceId of Object.keys(any)) wanted[deviceId] = await reservePort();
    expect(await openPort(null, wanted)).toEqual(wanted);
    await closing.pop()?.();
    expect(await openPort(null, wanted)).toEqual(wanted);
  });

  it('step aside from one that somebody else has', async () => {
    const first = await openPort(null);
    const [taken, ...others] = Object.entries(first);
    const second = await openPort(null, { [taken?.[0] ?? '']: taken?.[1] ?? 0 });
    const ours = new Set(Object.values(first));
    expect(Object.values(second).some((number) => ours.has(number))).toBe(false);
    expect(others).toHaveLength(39);
  });

  it('are refused by name when a base was set and one is taken', async () => {
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => stranger.close(() => resolve())));
    const address = stranger.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(openPort(taken)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `port ${taken} for CNNBO-BLYUA/G1-L1-UHF is taken`,
    });
  });
});

describe('the settings of the simulator', () => {
  it('are real time and all trucks by themselves, and the command line stands above the environment', () => {
    expect(readSettings([], {})).toMatchObject({ speed: 1, trucks: 20, portBase: null, gatewayConfig: null });
    expect(readSettings(['--speed', '4', '--port-base', '5000'], { BOXTRAIL_SIMULATOR_SPEED: '2' })).toMatchObject({
      speed: 4,
      portBase: 5000,
    });
  });

  it('tell all their faults together', () => {
    expect(() => readSettings(['--speed', '0'], { BOXTRAIL_SIMULATOR_TRUCKS: '21' })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          faults: [
            expect.objectContaining({ path: 'BOXTRAIL_SIMULATOR_SPEED' }),
            expect.objectContaining({ path: 'BOXTRAIL_SIMULATOR_TRUCKS' }),
          ],
        }),
      }),
    );
  });
});
