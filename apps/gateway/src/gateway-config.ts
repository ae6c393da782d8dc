import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DomainError, parseConfig } from '#libs/kernel';
import { PIPELINE_DEFAULTS, type LaneConfig, type PipelineConfig } from '#libs/lane';
import { adapterFor } from '#hardware-adapters/registry';
import { parseDeviceUrl } from '#hardware-adapters/transport';
import type { GatewayProof } from './uplink/credentials.js';
import { QUEUE_MAX_ITEMS } from './uplink/item-queue.js';
import { KEY_FILE } from './uplink/signing-keys.js';
import { DEFAULT_PAUSES } from './uplink/uplink.js';

const MIB = 1024 * 1024;

const id = z.string().min(1).max(128);
const ms = (least: number, most: number) => z.number().int().min(least).max(most);

const antennaRef = z.strictObject({ deviceId: id, antenna: z.number().int().min(1).max(64) });

const lane = z.strictObject({
  laneId: id,
  direction: z.enum(['IN', 'OUT', 'REVERSIBLE']),
  loops: z
    .array(z.enum(['LANDSIDE', 'TERMINALSIDE', 'ONLY']))
    .max(3)
    .default([]),
  antennaGroups: z
    .strictObject({ landside: z.array(antennaRef).default([]), terminalside: z.array(antennaRef).default([]) })
    .default({ landside: [], terminalside: [] }),
  acceptance: z.enum(['DECISION', 'EXIT']),
});

const deviceFields = z.strictObject({
  deviceId: id,
  /** null: it stands in no lane, such as a receiver on a truck. */
  laneId: id.nullable(),
  url: z.string().min(1).max(2_048),
  /** The ports in use, from 1; the same as the option `antennas`. */
  antennas: z.array(z.number().int().min(1).max(64)).min(1).max(64).optional(),
  options: z.record(z.string(), z.json()).default({}),
});

const device = deviceFields.superRefine((entry, context) => {
  try {
    readDevice(entry);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // A fault of the URL names its part; the adapter's options come as a list.
    const path = [error.details.field === undefined ? 'options' : 'url'];
    context.addIssue({ code: 'custom', path, message: error.message });
  }
});

const smoothing = PIPELINE_DEFAULTS.smoothing;
const timings = PIPELINE_DEFAULTS.timings;
const clock = PIPELINE_DEFAULTS.clock;

const shape = z.strictObject({
  gatewayId: id,
  siteId: id,
  lanes: z.array(lane).max(256).default([]),
  devices: z.array(device).min(1).max(1_024),
  spool: z
    .strictObject({
      dir: z.string().min(1),
      maxBytes: z
        .number()
        .int()
        .min(64 * 1024)
        .max(1024 * 1024 * MIB)
        .default(1024 * MIB),
      segmentBytes: z
        .number()
        .int()
        .min(4 * 1024)
        .max(256 * MIB)
        .default(8 * MIB),
    })
    .refine((spool) => spool.maxBytes >= 4 * spool.segmentBytes, {
      path: ['segmentBytes'],
      message: 'at most a quarter of maxBytes: only whole segments are deleted',
    }),
  uplink: z.strictObject({
    serverUrl: z.url({ protocol: /^https?$/ }),
    firstPauseMs: ms(10, 60_000).default(DEFAULT_PAUSES.firstMs),
    maxPauseMs: ms(10, 600_000).default(DEFAULT_PAUSES.maxMs),
    slowPauseMs: ms(10, 3_600_000).default(DEFAULT_PAUSES.slowMs),
    answerTimeoutMs: ms(100, 300_000).default(DEFAULT_PAUSES.answerTimeoutMs),
    maxUnsentItems: z.number().int().min(1).max(1_000_000).default(QUEUE_MAX_ITEMS),
    healthEveryMs: ms(100, 600_000).default(5_000),
  }),
  smoothing: z
    .strictObject({
      glimpsedTimeoutMs: ms(1, 3_600_000).default(smoothing.glimpsedTimeoutMs),
      observedTimeThresholdMs: ms(0, 3_600_000).default(smoothing.observedTimeThresholdMs),
      observedCountThreshold: z.number().int().min(1).max(10_000).default(smoothing.observedCountThreshold),
      lostTimeoutMs: ms(1, 3_600_000).nullable().default(smoothing.lostTimeoutMs),
      maxOpenVisits: z.number().int().min(1).max(1_000_000).default(smoothing.maxOpenVisits),
    })
    .prefault({}),
  timings: z
    .strictObject({
      bounceMs: ms(0, 60_000).default(timings.bounceMs),
      idleMs: ms(1, 3_600_000).default(timings.idleMs),
      preSessionMs: ms(0, 600_000).default(timings.preSessionMs),
      tailMs: ms(0, 3_600_000).default(timings.tailMs),
      maxSessionMs: ms(1_000, 12 * 3_600_000).default(timings.maxSessionMs),
      crossReadMarginDb: z.number().min(0).max(60).default(timings.crossReadMarginDb),
    })
    .prefault({}),
  clock: z
    .strictObject({
      maxBehindMs: ms(0, 30 * 86_400_000).default(clock.maxBehindMs),
      maxAheadMs: ms(0, 86_400_000).default(clock.maxAheadMs),
    })
    .prefault({}),
});

const agreesAcrossItsParts = (config: z.output<typeof shape>, context: z.RefinementCtx): void => {
  const fault = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const lanes = new Set<string>();
  config.lanes.forEach(({ laneId }, index) => {
    if (lanes.has(laneId)) fault(['lanes', index, 'laneId'], `${laneId} stands twice`);
    lanes.add(laneId);
  });
  const devices = new Set<string>();
  config.devices.forEach((entry, index) => {
    if (devices.has(entry.deviceId)) fault(['devices', index, 'deviceId'], `${entry.deviceId} stands twice`);
    devices.add(entry.deviceId);
    if (entry.laneId !== null && !lanes.has(entry.laneId)) {
      fault(['devices', index, 'laneId'], `no lane is called ${entry.laneId}`);
    }
  });
  config.lanes.forEach(({ laneId, antennaGroups }, index) => {
    for (const side of ['landside', 'terminalside'] as const) {
      antennaGroups[side].forEach(({ deviceId }, at) => {
        const found = config.devices.find((entry) => entry.deviceId === deviceId);
        const path = ['lanes', index, 'antennaGroups', side, at, 'deviceId'];
        if (found === undefined) fault(path, `no device is called ${deviceId}`);
        else if (found.laneId !== laneId)
          fault(path, `${deviceId} stands in ${found.laneId ?? 'no lane'}, not in ${laneId}`);
      });
    }
  });
};

/** The file's schema with what has to agree across its parts. README.md says every field, unit and default. */
export const gatewayConfigSchema = shape.superRefine(agreesAcrossItsParts, {
  // Also beside faults of single fields, unless lanes or devices themselves cannot be read.
  when: ({ issues }) =>
    issues.every(({ path, code }) => code === 'custom' || !['lanes', 'devices'].includes(String(path?.[0]))),
});

export type GatewayConfig = z.output<typeof gatewayConfigSchema>;
/** What may stand in gateway.json: fields with a default may be left out. */
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;
type DeviceEntry = z.output<typeof deviceFields>;

/** A device's URL and options, taken apart and checked. @throws DomainError INVALID_CONFIG */
export function readDevice(entry: DeviceEntry) {
  const { protocol, transport, line, options } = parseDeviceUrl(entry.url);
  const adapter = adapterFor(protocol);
  const antennas = entry.antennas === undefined ? {} : { antennas: entry.antennas };
  return {
    adapter,
    transport,
    line,
    adapterOptions: adapter.parseOptions({ ...options, ...antennas, ...entry.options }),
  };
}

export function pipelineConfigOf(config: GatewayConfig): PipelineConfig {
  return {
    siteId: config.siteId,
    lanes: config.lanes,
    laneOfDevice: Object.fromEntries(config.devices.map(({ deviceId, laneId }) => [deviceId, laneId])),
    smoothing: config.smoothing,
    timings: config.timings,
    clock: config.clock,
  };
}

export interface GatewaySettings {
  readonly config: GatewayConfig;
  readonly proof: GatewayProof;
  /** Of the gateway's own http; 0 is off. */
  readonly port: number;
  /** Where it listens; it asks for no token, so this machine alone unless told otherwise. */
  readonly host: string;
}

/** An empty variable is one that is not set. */
const optional = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text === '' ? null : text));

const environment = (hasKey: boolean) =>
  z
    .object({
      BOXTRAIL_GATEWAY_CODE: optional,
      BOXTRAIL_GATEWAY_TOKEN: optional,
      PORT: z.coerce.number().int().min(0).max(65_535).default(0),
      HOST: z.string().min(1).default('127.0.0.1'),
    })
    .refine((env) => hasKey || env.BOXTRAIL_GATEWAY_CODE !== null || env.BOXTRAIL_GATEWAY_TOKEN !== null, {
      path: ['BOXTRAIL_GATEWAY_CODE'],
      message:
        'is needed once: the spool holds no key of this gateway, and "boxtrail gateway-key enrol" draws a code ' +
        '(BOXTRAIL_GATEWAY_TOKEN serves a service that takes tokens)',
    });

/**
 * gateway.json by `--config` or BOXTRAIL_GATEWAY_CONFIG, or one reader by
 * `--device <url> [--antennas 1,2] [--lane <laneId> --direction IN|OUT|REVERSIBLE] [--gateway <id> --site <siteId>]`.
 * BOXTRAIL_SERVER_URL and BOXTRAIL_SPOOL_DIR stand above the file.
 * @throws DomainError INVALID_CONFIG with every fault of file and environment
 */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): GatewaySettings {
  const options = readArguments(args);
  const path = options.config ?? env['BOXTRAIL_GATEWAY_CONFIG'];
  const source = options.device === undefined ? (path ?? 'gateway.json') : 'the command line';
  const raw = options.device === undefined ? readFile(path ?? 'gateway.json') : singleDevice(options.device, options);
  const told = overlaid(raw, env);
  const [{ BOXTRAIL_GATEWAY_CODE: code, BOXTRAIL_GATEWAY_TOKEN: token, PORT: port, HOST: host }, config] = bothOf(
    () => parseConfig(environment(hasKey(told)), env, 'the environment'),
    () => parseConfig(gatewayConfigSchema, told, source),
  );
  return { config, proof: { code, token }, port, host };
}

/** @throws DomainError INVALID_CONFIG with the faults of both */
function bothOf<A, B>(first: () => A, second: () => B): [A, B] {
  let taken: A;
  try {
    taken = first();
  } catch (error) {
    try {
      second();
    } catch (other) {
      if (error instanceof DomainError && other instanceof DomainError) {
        const faults = [error, other].flatMap(({ details }) => details['faults']);
        throw new DomainError('INVALID_CONFIG', { faults }, { message: `${error.message}\n${other.message}` });
      }
    }
    throw error;
  }
  return [taken, second()];
}

interface Arguments {
  readonly config?: string | undefined;
  readonly device?: string | undefined;
  readonly antennas?: string | undefined;
  readonly lane?: string | undefined;
  readonly direction?: string | undefined;
  readonly gateway?: string | undefined;
  readonly site?: string | undefined;
}

function readArguments(args: readonly string[]): Arguments {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: { config: text, device: text, antennas: text, lane: text, direction: text, gateway: text, site: text },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DomainError('INVALID_CONFIG', { field: 'arguments', value: args }, { message, cause: error });
  }
}

function readFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const message = `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new DomainError(
      'INVALID_CONFIG',
      { field: 'BOXTRAIL_GATEWAY_CONFIG', value: path },
      { message, cause: error },
    );
  }
}

/** Whether an earlier run of this gateway left its key beside its spool; a file that is no configuration names none. */
function hasKey(told: unknown): boolean {
  const spool = z.object({ spool: z.object({ dir: z.string() }) }).safeParse(told);
  return spool.success && existsSync(join(spool.data.spool.dir, KEY_FILE));
}

/** One reader in, at most, one free-flow lane: its first antenna looks to the land, the others to the terminal. */
function singleDevice(url: string, { antennas, lane, direction, gateway, site }: Arguments): unknown {
  const gatewayId = gateway ?? 'gateway';
  const deviceId = `${gatewayId}/reader`;
  const ports = (antennas ?? '').split(',').filter(Boolean).map(Number);
  const refs = ports.map((antenna) => ({ deviceId, antenna }));
  const only: LaneConfig | null =
    lane === undefined
      ? null
      : {
          laneId: lane,
          direction: (direction ?? 'REVERSIBLE') as LaneConfig['direction'],
          loops: [],
          antennaGroups: { landside: refs.slice(0, 1), terminalside: refs.slice(1) },
          acceptance: 'EXIT',
        };
  return {
    gatewayId,
    siteId: site ?? 'local',
    lanes: only === null ? [] : [only],
    devices: [{ deviceId, laneId: only?.laneId ?? null, url, ...(ports.length === 0 ? {} : { antennas: ports }) }],
    spool: { dir: '.boxtrail/spool' },
  };
}

function overlaid(raw: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const overlay = (name: string, key: string, value: string | undefined): Record<string, unknown> => {
    const part: unknown = (raw as Record<string, unknown>)[name];
    const fields = typeof part === 'object' && part !== null ? part : {};
    return { [name]: value === undefined ? { ...fields } : { ...fields, [key]: value } };
  };
  return {
    ...raw,
    ...overlay('uplink', 'serverUrl', env['BOXTRAIL_SERVER_URL']),
    ...overlay('spool', 'dir', env['BOXTRAIL_SPOOL_DIR']),
  };
}
