import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '#libs/kernel';
import { DEMONSTRATED_SITE } from '../../../../fixtures/seed/index.js';
import { runningAddress } from '../start/lock.js';
import { UsageError } from '../usage-error.js';

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
}

/** What the gateway's own command line knows; it reports what is wrong with their values. */
const PASSED_ON = ['config', 'device', 'antennas', 'lane', 'direction'] as const;

const signIns = z.object({ gateway: z.object({ gatewayId: z.string(), token: z.string() }) });
const named = z.object({ gatewayId: z.string(), uplink: z.object({ serverUrl: z.string().optional() }).optional() });

/**
 * How the gateway is started: what neither the command line nor the environment nor its file says is taken from the start that
 * runs in `stateDir` and from the demonstration's sign-ins. A reader on the command line gets a spool of its own there.
 * @throws UsageError naming what is missing
 */
export function gatewayLaunch(words: GatewayWords, env: NodeJS.ProcessEnv, stateDir: string): GatewayLaunch {
  const passedOn = PASSED_ON.flatMap((name) => option(name, words[name]));
  const server = words.server ?? given(env, 'BOXTRAIL_SERVER_URL');
  const address = (): string => server ?? addressOf(stateDir);
  if (words.device === undefined) {
    const file = readNamed(words.config ?? given(env, 'BOXTRAIL_GATEWAY_CONFIG') ?? 'gateway.json');
    if (file === null) return { words: passedOn, env: {} };
    const inFile = server === undefined && file.uplink?.serverUrl !== undefined;
    return {
      words: passedOn,
      env: {
        ...tokenOf(file.gatewayId, env, stateDir),
        ...(inFile ? {} : { BOXTRAIL_SERVER_URL: address() }),
      },
    };
  }
  const own = words.gateway ?? given(env, 'BOXTRAIL_GATEWAY_ID');
  const gatewayId = own ?? demonstrationGateway(stateDir)?.gatewayId;
  const site = words.site ?? given(env, 'BOXTRAIL_SITE_ID') ?? (own === undefined ? DEMONSTRATED_SITE : undefined);
  if (gatewayId === undefined || site === undefined) {
    throw new UsageError('name the gateway with --gateway and its site with --site');
  }
  return {
    words: [...passedOn, ...option('gateway', gatewayId), ...option('site', site)],
    env: {
      ...tokenOf(gatewayId, env, stateDir),
      BOXTRAIL_SERVER_URL: address(),
      BOXTRAIL_SPOOL_DIR: given(env, 'BOXTRAIL_SPOOL_DIR') ?? join(stateDir, 'spools', folderName(words.device)),
    },
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

/** The environment's token, else that of the demonstration for its own gateway. */
function tokenOf(gatewayId: string, env: NodeJS.ProcessEnv, stateDir: string): Record<string, string> {
  if (given(env, 'BOXTRAIL_GATEWAY_TOKEN') !== undefined) return {};
  const known = demonstrationGateway(stateDir);
  if (known === null || known.gatewayId !== gatewayId) {
    throw new UsageError(
      `BOXTRAIL_GATEWAY_TOKEN must hold the token of ${gatewayId}; "boxtrail token gateway" draws one`,
    );
  }
  return { BOXTRAIL_GATEWAY_TOKEN: known.token };
}

function demonstrationGateway(stateDir: string): { readonly gatewayId: string; readonly token: string } | null {
  const path = join(stateDir, 'sign-ins.json');
  return existsSync(path) ? parseConfig(signIns, JSON.parse(readFileSync(path, 'utf8')), path).gateway : null;
}

/** null: it cannot be read or is no such file, which the gateway itself tells in full. */
function readNamed(path: string): z.output<typeof named> | null {
  try {
    return named.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** One spool for each device: two gateways must not share one, and a restarted one must find its own. */
function folderName(url: string): string {
  return url.replace(/\?.*$/, '').replaceAll(/[^A-Za-z0-9.]+/g, '-');
}
