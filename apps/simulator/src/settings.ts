import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DomainError, parseConfig } from '#libs/kernel';

const number = (least: number, most: number) => z.coerce.number().min(least).max(most);
/** An empty variable is one that is not set. */
const optional = <T extends z.ZodType>(type: T) => z.preprocess((value) => (value === '' ? undefined : value), type);

const schema = z.object({
  BOXTRAIL_SIMULATOR_SPEED: optional(number(0.1, 20).default(1)),
  BOXTRAIL_SIMULATOR_TRUCKS: optional(number(1, 20).pipe(z.int()).default(20)),
  BOXTRAIL_SIMULATOR_SEED: optional(
    number(0, 2 ** 31 - 1)
      .pipe(z.int())
      .default(20_261_122),
  ),
  BOXTRAIL_SIMULATOR_PORT_BASE: optional(number(1, 65_000).pipe(z.int()).optional()),
  BOXTRAIL_SIMULATOR_GATEWAY_CONFIG: optional(z.string().optional()),
  BOXTRAIL_SIMULATOR_PTY: optional(z.string().startsWith('/').optional()),
});

export interface SimulatorSettings {
  /** How much faster than the clock the port lives; 1 is real time. */
  readonly speed: number;
  readonly trucks: number;
  readonly seed: number;
  /** First of as many ports as there are devices; null takes free ones. */
  readonly portBase: number | null;
  /** Where to write gateway.json; the world is kept beside it. */
  readonly gatewayConfig: string | null;
  /** Path of a pseudo-terminal for the first lane's reader, by socat. */
  readonly pty: string | null;
}

const replaySchema = z.object({
  replay: z.string().min(1),
  speed: z.coerce.number().positive().max(1_000).default(1),
  BOXTRAIL_SIMULATOR_GATEWAY_CONFIG: optional(z.string().optional()),
});

export interface ReplaySettings {
  readonly recording: string;
  readonly speed: number;
  /** null: a temporary file. */
  readonly gatewayConfig: string | null;
}

const HELP = `simulator [--speed <factor>] [--trucks <1-20>] [--seed <number>] [--port-base <port>] [--gateway-config <file>] [--pty <path>]
simulator --replay <recording> [--speed <factor>] [--gateway-config <file>]`;

/**
 * Options of the command line stand above BOXTRAIL_SIMULATOR_… of the environment.
 * @throws DomainError INVALID_CONFIG with every fault
 */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): SimulatorSettings {
  const names = ['speed', 'trucks', 'seed', 'port-base', 'gateway-config', 'pty'] as const;
  const given = optionsOf(args, names);
  const overlay = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`BOXTRAIL_SIMULATOR_${name.toUpperCase().replace('-', '_')}`, value]),
  );
  const parsed = parseConfig(schema, { ...env, ...overlay }, 'the settings of the simulator');
  return {
    speed: parsed.BOXTRAIL_SIMULATOR_SPEED,
    trucks: parsed.BOXTRAIL_SIMULATOR_TRUCKS,
    seed: parsed.BOXTRAIL_SIMULATOR_SEED,
    portBase: parsed.BOXTRAIL_SIMULATOR_PORT_BASE ?? null,
    gatewayConfig: parsed.BOXTRAIL_SIMULATOR_GATEWAY_CONFIG ?? null,
    pty: parsed.BOXTRAIL_SIMULATOR_PTY ?? null,
  };
}

/**
 * null: no replay is asked for. A port's speed in the environment is not a replay's.
 * @throws DomainError INVALID_CONFIG with every fault
 */
export function readReplaySettings(args: readonly string[], env: NodeJS.ProcessEnv): ReplaySettings | null {
  if (!args.some((word) => word === '--replay' || word.startsWith('--replay='))) return null;
  const { 'gateway-config': file, ...given } = optionsOf(args, ['replay', 'speed', 'gateway-config']);
  const named = file ?? env['BOXTRAIL_SIMULATOR_GATEWAY_CONFIG'];
  const parsed = parseConfig(
    replaySchema,
    { ...given, BOXTRAIL_SIMULATOR_GATEWAY_CONFIG: named },
    'the settings of the replay',
  );
  return {
    recording: parsed.replay,
    speed: parsed.speed,
    gatewayConfig: parsed.BOXTRAIL_SIMULATOR_GATEWAY_CONFIG ?? null,
  };
}

function optionsOf<N extends string>(args: readonly string[], names: readonly N[]): Partial<Record<N, string>> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: Object.fromEntries(names.map((name) => [name, text])) });
    return values as Partial<Record<N, string>>;
  } catch (cause) {
    const message = `${cause instanceof Error ? cause.message : String(cause)}\n${HELP}`;
    throw new DomainError('INVALID_CONFIG', { field: 'arguments', value: args }, { message, cause });
  }
}
