import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '#libs/kernel';
import { DEMONSTRATED_SITE, DEMONSTRATION_GATEWAY } from '../../../../fixtures/seed/index.js';
import { runningAddress } from '../start/lock.js';
import { UsageError } from '../usage-error.js';
import type { Enrolment } from './enrol.js';

export interface GatewayWords {
  readonly config?: string | undefined;
  readonly device?: string | undefined;
  readonly antennas?: string | undefined;
  readonly lane?: string | undefined;
  readonly direction?: string | undefined;
  readonly gateway?: string | undefined;
  readonly site?: string | undefined;
  readonly server?: string | undefined;
}

export interface GatewayLaunch {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A code is to be drawn for it first; null: it has what it needs, or says itself what is missing. */
  readonly enrolment: Enrolment | null;
}

/** What the gateway's own command line knows; it reports what is wrong with their values. */
const PASSED_ON = ['config', 'device', 'antennas', 'lane', 'direction'] as const;

const signIns = z.object({ signIns: z.array(z.object({ role: z.string(), token: z.string() })) });
const named = z.object({
  gatewayId: z.string(),
  siteId: z.string(),
  uplink: z.object({ serverUrl: z.string().optional() }).optional(),
});

/**
 * How the gateway is started: what neither the command line nor the environment nor its file says is taken from the start that
 * runs in `stateDir`. Beside a demonstration it is enrolled by the demonstration's administrator. A reader on the command line
 * gets a name and a spool of its own.
 * @throws UsageError naming what is missing
 */
export function gatewayLaunch(words: GatewayWords, env: NodeJS.ProcessEnv, stateDir: string): GatewayLaunch {
  const passedOn = PASSED_ON.flatMap((name) => option(name, words[name]));
  const server = words.server ?? given(env, 'BOXTRAIL_SERVER_URL');
  const address = (): string => server ?? addressOf(stateDir);
  if (words.device === undefined) {
    const file = readNamed(words.config ?? given(env, 'BOXTRAIL_GATEWAY_CONFIG') ?? 'gateway.json');
    if (file === null) return { words: passedOn, env: {}, enrolment: null };
    const inFile = server === undefined ? file.uplink?.serverUrl : undefined;
    const { gatewayId, siteId } = file;
    return {
      words: passedOn,
      env: inFile === undefined ? { BOXTRAIL_SERVER_URL: address() } : {},
      enrolment: enrolmentOf({ gatewayId, siteId, server: inFile ?? address() }, env, stateDir),
    };
  }
  const administrator = administratorToken(stateDir);
  const own = words.gateway ?? given(env, 'BOXTRAIL_GATEWAY_ID');
  const isDemonstrated = own === undefined && administrator !== null;
  const gatewayId = isDemonstrated ? `${DEMONSTRATED_SITE}/${folderName(words.device)}` : own;
  const siteId = words.site ?? given(env, 'BOXTRAIL_SITE_ID') ?? (isDemonstrated ? DEMONSTRATED_SITE : undefined);
  if (gatewayId === undefined || siteId === undefined) {
    throw new UsageError('name the gateway with --gateway and its site with --site');
  }
  return {
    words: [...passedOn, ...option('gateway', gatewayId), ...option('site', siteId)],
    env: {
      BOXTRAIL_SERVER_URL: address(),
      BOXTRAIL_SPOOL_DIR: given(env, 'BOXTRAIL_SPOOL_DIR') ?? join(stateDir, 'spools', folderName(words.device)),
    },
    enrolment: enrolmentOf({ gatewayId, siteId, server: address() }, env, stateDir),
  };
}

const option = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`--${name}=${value}`];

/** An empty variable is one that is not set. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

function addressOf(stateDir: string): string {
  const address = runningAddress(join(stateDir, 'start.lock'));
  if (address === null) throw new UsageError('nothing runs here; start with "npm start", or give --server <url>');
  return address;
}

/**
 * A new code at each launch beside a demonstration: its database may be another one than at the last. With a code or token of the
 * user's own, or a service elsewhere, the gateway is the user's business.
 */
function enrolmentOf(asked: Omit<Enrolment, 'token'>, env: NodeJS.ProcessEnv, stateDir: string): Enrolment | null {
  const token = administratorToken(stateDir);
  const isGiven = ['BOXTRAIL_GATEWAY_CODE', 'BOXTRAIL_GATEWAY_TOKEN'].some((name) => given(env, name) !== undefined);
  if (token === null || isGiven || asked.server !== runningAddress(join(stateDir, 'start.lock'))) return null;
  if (asked.gatewayId === DEMONSTRATION_GATEWAY) {
    throw new UsageError(`${DEMONSTRATION_GATEWAY} is the gateway that the start runs itself; give yours another id`);
  }
  return { ...asked, token };
}

/** The demonstration's; null: there is none here. */
function administratorToken(stateDir: string): string | null {
  const path = join(stateDir, 'sign-ins.json');
  if (!existsSync(path)) return null;
  const known = parseConfig(signIns, JSON.parse(readFileSync(path, 'utf8')), path).signIns;
  return known.find(({ role }) => role === 'SYSTEM_ADMINISTRATOR')?.token ?? null;
}

/** null: it cannot be read or is no such file, which the gateway itself tells in full. */
function readNamed(path: string): z.output<typeof named> | null {
  try {
    return named.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** One name and spool for each device: two gateways must not share one, and a restarted one must find its own. */
function folderName(url: string): string {
  return url.replace(/\?.*$/, '').replaceAll(/[^A-Za-z0-9.]+/g, '-');
}
