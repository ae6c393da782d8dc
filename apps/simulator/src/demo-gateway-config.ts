import { laneConfig, type Port } from '../../../fixtures/index.js';

/** What gateway.json holds; apps/gateway checks it with its own schema and adds the defaults. */
export interface DemoGatewayConfig {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly lanes: readonly ReturnType<typeof laneConfig>[];
  readonly devices: readonly {
    readonly deviceId: string;
    readonly laneId: string | null;
    readonly url: string;
    readonly antennas?: readonly number[];
  }[];
  /** BOXTRAIL_SPOOL_DIR and BOXTRAIL_SERVER_URL stand above these two. */
  readonly spool: { readonly dir: string };
  readonly uplink: { readonly serverUrl: string };
}

/** One device that the simulator puts on the wire. */
export interface DemoDevice {
  readonly deviceId: string;
  readonly laneId: string | null;
  readonly protocol: 'r2000' | 'jsonl' | 'nmea';
  readonly antennas: readonly number[] | null;
}

/** The devices of a site: of each lane reader, camera and controller, then the receivers of the first `trucks` trucks. */
export function demoDevices(port: Port, siteId: string, trucks: number): readonly DemoDevice[] {
  return [
    ...port.lanes
      .filter((lane) => lane.siteId === siteId)
      .flatMap(({ laneId, devices, antennaGroups }): DemoDevice[] => [
        {
          deviceId: devices.reader,
          laneId,
          protocol: 'r2000',
          antennas: [...antennaGroups.landside, ...antennaGroups.terminalside],
        },
        { deviceId: devices.camera, laneId, protocol: 'jsonl', antennas: null },
        { deviceId: devices.controller, laneId, protocol: 'jsonl', antennas: null },
      ]),
    ...port.trucks
      .slice(0, trucks)
      .flatMap(({ receiverDeviceId }): DemoDevice[] =>
        receiverDeviceId === null
          ? []
          : [{ deviceId: receiverDeviceId, laneId: null, protocol: 'nmea', antennas: null }],
      ),
  ];
}

/** The gateway.json of the demonstration: `urls` by device id, as the simulator listens. */
export function demoGatewayConfig(
  port: Port,
  siteId: string,
  devices: readonly DemoDevice[],
  urls: Readonly<Record<string, string>>,
): DemoGatewayConfig {
  return {
    gatewayId: `${siteId}/GW-1`,
    siteId,
    lanes: port.lanes.filter((lane) => lane.siteId === siteId).map(laneConfig),
    devices: devices.flatMap(({ deviceId, laneId, antennas }) => {
      const url = urls[deviceId];
      return url === undefined ? [] : [{ deviceId, laneId, url, ...(antennas === null ? {} : { antennas }) }];
    }),
    spool: { dir: '.boxtrail/spool' },
    uplink: { serverUrl: 'http://127.0.0.1:3000' },
  };
}
