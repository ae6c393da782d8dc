import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DomainError, parseConfig } from '#libs/kernel';
import { gatewayConfigSchema, pipelineConfigOf, readSettings, type GatewayConfigInput } from './gateway-config.js';

const examplePath = fileURLToPath(new URL('../gateway.example.json', import.meta.url));
const example = (): GatewayConfigInput => JSON.parse(readFileSync(examplePath, 'utf8')) as GatewayConfigInput;
const environment = { BOXTRAIL_GATEWAY_TOKEN: 't', BOXTRAIL_SERVER_URL: 'http://127.0.0.1:3000' };

function faultsOf(input: unknown): string[] {
  try {
    parseConfig(gatewayConfigSchema, input, 'gateway.json');
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return (error.details['faults'] as { path: string }[]).map(({ path }) => path);
  }
}

describe('gateway.json', () => {
  it('is what the example says, with the environment above it', () => {
    const settings = readSettings(['--config', examplePath], {
      ...environment,
      BOXTRAIL_SPOOL_DIR: '/tmp/elsewhere',
      PORT: '9100',
    });
    expect(settings).toMatchObject({
      proof: { code: null, token: 't' },
      port: 9100,
      config: { uplink: { serverUrl: 'http://127.0.0.1:3000', maxPauseMs: 5_000 }, spool: { dir: '/tmp/elsewhere' } },
    });
    expect(pipelineConfigOf(settings.config).laneOfDevice).toEqual({
      'reader-3': 'lane-3',
      'camera-3': 'lane-3',
      'loops-3': 'lane-3',
      'receiver-1': null,
    });
  });

  it('is refused with all that does not agree across its parts at once', () => {
    const bad = example();
    bad.devices[1] = { deviceId: 'reader-3', laneId: 'lane-9', url: 'r2000+tcp://10.0.0.5:4001' };
    bad.devices[2] = { deviceId: 'loops-3', laneId: 'lane-3', url: 'modbus+tcp://10.0.0.5:4001' };
    bad.devices[3] = { deviceId: 'r', laneId: null, url: 'r2000+tcp://10.0.0.5:4001', antennas: [9] };
    bad.lanes?.push({
      laneId: 'lane-3',
      direction: 'OUT',
      antennaGroups: { landside: [{ deviceId: 'nobody', antenna: 1 }], terminalside: [{ deviceId: 'r', antenna: 1 }] },
      acceptance: 'EXIT',
    });
    expect(faultsOf(bad)).toEqual([
      'devices.2.url',
      'devices.3.options',
      'lanes.1.laneId',
      'devices.1.deviceId',
      'devices.1.laneId',
      'lanes.1.antennaGroups.landside.0.deviceId',
      'lanes.1.antennaGroups.terminalside.0.deviceId',
    ]);
  });

  it('is refused with every field that is wrong by itself', () => {
    const bad = {
      ...example(),
      gatewayId: '',
      colour: 'red',
      spool: { dir: 'x', maxBytes: 1_000_000, segmentBytes: 900_000 },
    };
    expect(faultsOf(bad).sort()).toEqual(['(top)', 'gatewayId', 'spool.segmentBytes']);
  });

  it('is refused with both kinds of faults at once, and with those of the environment', () => {
    const bad = { ...example(), siteId: '' };
    bad.devices[1] = { deviceId: 'reader-3', laneId: 'lane-9', url: 'r2000+ftp://10.0.0.5' };
    expect(faultsOf(bad).sort()).toEqual(['devices.1.deviceId', 'devices.1.laneId', 'devices.1.url', 'siteId']);
    const ofAnotherKind = { ...bad, lanes: 'three' };
    expect(faultsOf(ofAnotherKind).sort()).toEqual(['devices.1.url', 'lanes', 'siteId']);

    const args = ['--device', 'r2000+ftp://10.0.0.5'];
    expect(() => readSettings(args, { BOXTRAIL_SERVER_URL: 'http://127.0.0.1:3000' })).toThrow(
      /BOXTRAIL_GATEWAY_TOKEN[^]*devices\.0\.url/,
    );
  });

  it('may be one reader on the command line', () => {
    const args = ['--device', 'r2000+serial:///dev/ttyUSB0?baudRate=115200', '--antennas', '1,2', '--lane', 'lane-1'];
    expect(readSettings(args, environment).config).toMatchObject({
      devices: [{ deviceId: 'gateway/reader', laneId: 'lane-1', antennas: [1, 2] }],
      lanes: [
        {
          laneId: 'lane-1',
          direction: 'REVERSIBLE',
          antennaGroups: {
            landside: [{ deviceId: 'gateway/reader', antenna: 1 }],
            terminalside: [{ deviceId: 'gateway/reader', antenna: 2 }],
          },
        },
      ],
    });
  });

  it('says which argument, file or variable is missing', () => {
    expect(() => readSettings(['--colour', 'red'], environment)).toThrow(/colour/);
    expect(() => readSettings(['--config', '/nowhere/gateway.json'], environment)).toThrow(/nowhere/);
    expect(() => readSettings(['--config', examplePath], {})).toThrow(/BOXTRAIL_GATEWAY_TOKEN/);
  });
});
