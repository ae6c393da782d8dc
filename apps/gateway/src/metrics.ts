import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Device } from './devices/device.js';
import { UPLINK_STATES, type UplinkState } from './uplink/uplink.js';

export interface MetricSources {
  readonly spoolBytes: () => number;
  readonly spoolMaxBytes: number;
  readonly waitingBytes: () => number;
  readonly behind: () => number;
  readonly unsent: () => number;
  readonly damaged: () => number;
  readonly uplinkState: () => UplinkState;
  readonly refusedItems: { readonly kept: number; readonly dropped: number };
  readonly devices: () => readonly Device[];
}

/** The gateway's own registry, so that two gateways of one process (in specs) do not meet. */
export class GatewayMetrics {
  readonly registry = new Registry();
  private readonly groupRecords: Histogram;
  private readonly syncSeconds: Histogram;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.groupRecords = new Histogram({
      name: 'boxtrail_spool_group_records',
      help: 'Records of one write and sync',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    });
    this.syncSeconds = new Histogram({
      name: 'boxtrail_spool_sync_seconds',
      help: 'Write and fdatasync of one group',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
      registers,
    });
  }

  onGroup(group: { records: number; syncSeconds: number }): void {
    this.groupRecords.observe(group.records);
    this.syncSeconds.observe(group.syncSeconds);
  }

  /** Values that are read when somebody asks. */
  watch(sources: MetricSources): void {
    const registers = [this.registry];
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    gauge('boxtrail_spool_bytes', 'Bytes of all segments', sources.spoolBytes);
    gauge('boxtrail_spool_max_bytes', 'Bound of the spool', () => sources.spoolMaxBytes);
    gauge('boxtrail_spool_waiting_bytes', 'Bytes that wait for the disk', sources.waitingBytes);
    gauge('boxtrail_spool_damaged_records', 'Records lost to damage since the start', sources.damaged);
    gauge('boxtrail_pipeline_behind_records', 'Records on the disk that are not folded yet', sources.behind);
    gauge('boxtrail_uplink_unsent_items', 'Items that the service has not committed', sources.unsent);
    gauge('boxtrail_uplink_open', '1 when the last batch was taken', () => (sources.uplinkState() === 'OPEN' ? 1 : 0));
    new Gauge({
      name: 'boxtrail_uplink_state',
      help: '1 for the state that the uplink is in',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of UPLINK_STATES) this.set({ state }, sources.uplinkState() === state ? 1 : 0);
      },
    });
    gauge(
      'boxtrail_uplink_refused_kept_items',
      'Items that the service refused, in the files beside the spool',
      () => sources.refusedItems.kept,
    );
    new Counter({
      name: 'boxtrail_uplink_refused_dropped_items_total',
      help: 'Of these the oldest, dropped because newer ones took their room',
      registers,
      collect() {
        this.reset();
        this.inc(sources.refusedItems.dropped);
      },
    });
    const perDevice = (name: string, help: string, read: (device: Device) => number): void => {
      new Counter({
        name,
        help,
        labelNames: ['device'],
        registers,
        collect() {
          this.reset();
          for (const device of sources.devices()) this.inc({ device: device.deviceId }, read(device));
        },
      });
    };
    perDevice('boxtrail_device_frames_total', 'Whole frames', (device) => device.frames);
    perDevice('boxtrail_device_rejected_total', 'Frames refused by framer or codec', (device) => device.rejectedFrames);
    perDevice('boxtrail_device_skipped_bytes_total', 'Bytes of no frame', (device) => device.skippedBytes);
    perDevice(
      'boxtrail_device_reconnects_total',
      'Times that the line was opened again',
      (device) => device.reconnects,
    );
    new Gauge({
      name: 'boxtrail_device_paused',
      help: '1 while the device is held back because the spool cannot follow',
      labelNames: ['device'],
      registers,
      collect() {
        for (const device of sources.devices()) this.set({ device: device.deviceId }, device.isPaused ? 1 : 0);
      },
    });
  }
}
