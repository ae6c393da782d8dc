import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import type { TransportConfig } from './contract.js';

/** A device's address, taken apart. */
export interface DeviceUrl {
  /** Name of the adapter; whether it exists is the registry's business. */
  readonly protocol: string;
  readonly transport: TransportConfig;
  readonly line: LineTimes;
  /** What is left of the query: for `DeviceAdapter.parseOptions`. */
  readonly options: Readonly<Record<string, string>>;
}

export interface LineTimes {
  readonly connectTimeoutMs: number;
  /** Silence after which the line is closed and opened anew; null never. */
  readonly watchdogMs: number | null;
}

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(1).max(65_535);

const lineQuery = z.object({
  connectTimeoutMs: z.coerce.number().int().min(100).max(120_000).default(5_000),
  watchdogMs: z.coerce.number().int().min(100).max(86_400_000).nullable().default(null),
});

const serialQuery = z.object({
  baudRate: z.coerce.number().int().min(50).max(4_000_000).default(115_200),
  dataBits: z
    .enum(['5', '6', '7', '8'])
    .default('8')
    .transform((bits) => Number(bits) as 5 | 6 | 7 | 8),
  stopBits: z
    .enum(['1', '1.5', '2'])
    .default('1')
    .transform((bits) => Number(bits) as 1 | 1.5 | 2),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  rtscts: flag.default(false),
  lock: flag.default(true),
});

const fileQuery = z.object({
  rate: z.coerce.number().positive().max(1_000_000).nullable().default(null),
  loop: flag.default(false),
});

const httpQuery = z.object({
  maxBodyBytes: z.coerce.number().int().min(1_024).max(67_108_864).default(1_048_576),
  ackTimeoutMs: z.coerce.number().int().min(100).max(300_000).default(10_000),
});

const noQuery = z.object({});

type Kind = TransportConfig['kind'];

const queries = { serial: serialQuery, tcp: noQuery, file: fileQuery, http: httpQuery } as const satisfies Record<
  Kind,
  z.ZodObject
>;

/**
 * `<protocol>+<serial|tcp|file|http>://…?<query>`, such as `r2000+serial:///dev/ttyUSB0?baudRate=115200&antennas=1,2`.
 * @throws DomainError INVALID_CONFIG with `field`, `value` and `expected`
 */
export function parseDeviceUrl(text: string): DeviceUrl {
  if (!URL.canParse(text)) throw fault('url', text, '<protocol>+<serial|tcp|file|http>://…');
  const url = new URL(text);
  const scheme = /^([a-z][a-z0-9-]*)\+([a-z]+):$/.exec(url.protocol);
  const protocol = scheme?.[1];
  const kind = scheme?.[2];
  if (protocol === undefined || kind === undefined || !Object.hasOwn(queries, kind)) {
    throw fault('url', text, 'a scheme such as r2000+serial, nmea+tcp, nmea+file or jsonl+http');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw fault('url', text, 'no user, password or fragment');
  }
  const query = queryOf(url);
  const line = parsePart(lineQuery, query);
  return {
    protocol,
    transport: transportOf(kind as Kind, protocol, url, query),
    line,
    options: without(query, [...Object.keys(lineQuery.shape), ...Object.keys(queries[kind as Kind].shape)]),
  };
}

function transportOf(kind: Kind, protocol: string, url: URL, query: Readonly<Record<string, string>>): TransportConfig {
  const path = pathOf(url);
  switch (kind) {
    case 'serial':
      if (url.host !== '') throw fault('url.host', url.host, 'three slashes: serial:///dev/ttyUSB0');
      if (path.length < 2) throw fault('url.path', path, 'a device file such as /dev/ttyUSB0 or COM3');
      return { kind, path: /^\/COM\d+$/i.test(path) ? path.slice(1) : path, ...parsePart(serialQuery, query) };
    case 'file':
      if (url.host !== '') throw fault('url.host', url.host, 'three slashes: file:///var/recording.nmea');
      if (path.length < 2) throw fault('url.path', path, 'the path of a recording');
      return { kind, path, ...parsePart(fileQuery, query) };
    case 'tcp':
      if (path !== '' && path !== '/') throw fault('url.path', path, 'nothing behind the port');
      return { kind, host: hostOf(url), port: portOf(url) };
    case 'http':
      if (protocol !== 'jsonl')
        throw fault('url', `${protocol}+http`, 'http for jsonl only: it is the one that acknowledges');
      return {
        kind,
        host: hostOf(url),
        port: url.port === '0' ? 0 : portOf(url),
        path: path === '' ? '/' : path,
        ...parsePart(httpQuery, query),
      };
  }
}

function hostOf(url: URL): string {
  if (url.hostname === '') throw fault('url.host', '', 'a host name or address');
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(url: URL): number {
  const parsed = port.safeParse(url.port);
  if (!parsed.success) throw fault('url.port', url.port, '1 to 65535');
  return parsed.data;
}

function pathOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch (error) {
    throw fault('url.path', url.pathname, 'percent signs that are followed by two hex digits', error);
  }
}

function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    if (Object.hasOwn(query, key)) throw fault(`url.${key}`, value, 'the key once');
    query[key] = value;
  }
  return query;
}

function parsePart<T extends z.ZodObject>(schema: T, query: Readonly<Record<string, string>>): z.output<T> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = issue?.path.map(String).join('.') ?? '';
  throw fault(`url.${key}`, query[key], issue?.message ?? 'another value');
}

function without(query: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([key]) => !keys.includes(key)));
}

function fault(field: string, value: unknown, expected: string, cause?: unknown): DomainError {
  return new DomainError(
    'INVALID_CONFIG',
    { field, value, expected },
    { message: `${field} is ${JSON.stringify(value) ?? 'absent'}, expected ${expected}`, cause },
  );
}
