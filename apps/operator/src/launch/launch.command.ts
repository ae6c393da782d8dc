import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtMain, stateDirOf } from '../project.js';
import { UsageError } from '../usage-error.js';
import { drawCode } from './enrol.js';
import { gatewayLaunch } from './gateway-launch.js';

/** Runs the gateway in the foreground. A code on the command line can be read by others: it comes from the environment. */
export async function gateway(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: text,
      device: text,
      antennas: text,
      lane: text,
      direction: text,
      gateway: text,
      site: text,
      server: text,
    },
  });
  const { words, env, enrolment } = gatewayLaunch(values, process.env, stateDirOf(process.env));
  const code = enrolment === null ? {} : { BOXTRAIL_GATEWAY_CODE: await drawCode(enrolment) };
  return await foreground('gateway', words, { ...env, ...code });
}

/** The simulator judges its own options. */
export function simulate(args: readonly string[]): Promise<number> {
  return foreground('simulator', args, {});
}

export function replay(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { speed: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const [recording, ...more] = positionals;
  if (recording === undefined || more.length > 0) {
    throw new UsageError('name one recording');
  }
  if (!(Number(values.speed) > 0)) {
    throw new UsageError(`--speed is "${values.speed}"; it is a factor above 0`);
  }
  const stateDir = stateDirOf(process.env);
  const named = process.env['BOXTRAIL_SIMULATOR_GATEWAY_CONFIG'];
  return foreground('simulator', ['--replay', recording, '--speed', values.speed], {
    BOXTRAIL_SIMULATOR_GATEWAY_CONFIG:
      named === undefined || named === '' ? join(stateDir, 'replay', 'gateway.json') : named,
  });
}

/** Our terminal is theirs; a signal goes on to them, and their exit code is ours. */
function foreground(
  app: 'gateway' | 'simulator',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', builtMain(app), ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => child.kill(signal));
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}
