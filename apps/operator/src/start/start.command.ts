import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DomainError } from '#libs/kernel';
import { drawDemonstrationCode, seedDemonstration, type Demonstration } from '../../../../fixtures/seed/index.js';
import { builtMain, stateDirOf } from '../project.js';
import { openDatabase, type OpenDatabase } from './database.js';
import { demonstrationDevices, untilWritten } from './devices.js';
import { StartLock } from './lock.js';
import { nextFreePort, portFrom } from './ports.js';
import { SupervisedChild, type ChildPlan } from './supervised-child.js';
import { welcome } from './welcome.js';

const READY_TIMEOUT_MS = 60_000;
/** npm passes a Ctrl-C on to us, who had it from the terminal already: what follows this fast is the same key press. */
const SAME_KEY_PRESS_MS = 300;
/** A server that dies this often before it was ready once will not become so. */
const HOPELESS_DEATHS = 3;

/** Runs everything until a signal; resolves with the exit code after the orderly end. */
export async function start(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const run = new Run(process.env, stateDirOf(process.env));
  return await run.untilSignal();
}

/** Ends what was begun, last first. */
class Run {
  private lock: StartLock | null = null;
  private database: OpenDatabase | null = null;
  /** In the order of their start. */
  private readonly children: SupervisedChild[] = [];
  private readonly logDir: string;
  private asked: { at: number } | null = null;
  private wake: () => void = () => undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly stateDir: string,
  ) {
    this.logDir = join(stateDir, 'log');
  }

  async untilSignal(): Promise<number> {
    const signal = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => this.onSignal());
    }
    try {
      await Promise.race([this.begin(), signal]);
      await signal;
      return 0;
    } finally {
      await this.end();
    }
  }

  private onSignal(): void {
    const now = performance.now();
    if (this.asked === null) {
      this.asked = { at: now };
      show('ending: simulator, gateway, server, database; Ctrl-C again ends at once');
      this.wake();
    } else if (now - this.asked.at > SAME_KEY_PRESS_MS) {
      this.children.forEach((child) => child.kill());
      process.exit(130);
    }
  }

  private async begin(): Promise<void> {
    mkdirSync(this.logDir, { recursive: true });
    this.lock = await StartLock.acquire(join(this.stateDir, 'start.lock'), show);
    this.database = await openDatabase(this.env, this.stateDir, show);
    const demonstration = await this.seed(this.database);
    if (this.asked !== null) {
      return;
    }
    const wanted = portFrom(this.env['PORT'], 3000);
    const port = await nextFreePort(wanted);
    if (port !== wanted) {
      show(`port ${wanted} is taken; using ${port}`);
    }
    const host = reachableHost(this.env);
    const address = `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`;
    this.lock.update({ address });
    this.spawnServer(this.database, port, demonstration !== null);
    await this.untilReady(port);
    if (demonstration !== null) {
      await this.spawnPort(this.database, port);
    } else {
      this.spawnOwnGateway(port);
    }
    if (this.asked === null) {
      process.stdout.write(welcome(address, demonstration?.signIns ?? []));
    }
  }

  /** A database of the user's own gets nothing unasked. */
  private async seed(database: OpenDatabase): Promise<Demonstration | null> {
    if (database.external && this.env['BOXTRAIL_DEMO'] !== '1') {
      return null;
    }
    return await seedDemonstration({ ingestUrl: database.ingestUrl, stateDir: this.stateDir });
  }

  private spawnServer(database: OpenDatabase, port: number, isDemonstration: boolean): void {
    this.spawn('server', {
      PORT: String(port),
      DATABASE_URL: database.appUrl,
      DATABASE_INGEST_URL: database.ingestUrl,
      BOXTRAIL_STATE_DIR: this.stateDir,
      ...(isDemonstration ? { BOXTRAIL_DEMO: '1' } : {}),
      ...given(this.env, SERVER_ALONE),
    });
  }

  private async spawnPort(database: OpenDatabase, serverPort: number): Promise<void> {
    const { gatewayConfig, simulatorEnv } = demonstrationDevices(this.stateDir);
    const simulator = this.spawn('simulator', simulatorEnv);
    await untilWritten(
      gatewayConfig,
      () => this.asked !== null,
      () => simulator?.logTail() ?? '',
    );
    this.spawn('gateway', {
      BOXTRAIL_GATEWAY_CONFIG: gatewayConfig,
      ...this.gatewayEnv(serverPort),
      BOXTRAIL_GATEWAY_CODE: await drawDemonstrationCode(database.ingestUrl),
    });
  }

  /** With a configuration of the user's own the gateway runs beside a server without the demonstration. */
  private spawnOwnGateway(serverPort: number): void {
    const config = this.env['BOXTRAIL_GATEWAY_CONFIG'];
    if (config !== undefined && config !== '') {
      this.spawn('gateway', { BOXTRAIL_GATEWAY_CONFIG: config, ...this.gatewayEnv(serverPort) });
    }
  }

  private gatewayEnv(serverPort: number): Record<string, string> {
    return {
      BOXTRAIL_SERVER_URL: `http://${reachableHost(this.env)}:${serverPort}`,
      BOXTRAIL_SPOOL_DIR: join(this.stateDir, 'spool'),
    };
  }

  private spawn(
    name: 'server' | 'gateway' | 'simulator',
    env: Readonly<Record<string, string>>,
  ): SupervisedChild | null {
    if (this.asked !== null) {
      return null;
    }
    const plan: ChildPlan = {
      name,
      main: builtMain(name),
      args: [],
      env: { ...IN_SERVICE, ...childEnvironment(this.env), ...env },
      logFile: join(this.logDir, `${name}.log`),
    };
    const child = new SupervisedChild(plan, { show, changed: () => this.record() });
    this.children.push(child);
    child.start();
    return child;
  }

  private record(): void {
    this.lock?.update({
      children: this.children.flatMap((child) =>
        child.running === null ? [] : [{ name: child.name, ...child.running }],
      ),
    });
  }

  private async untilReady(port: number): Promise<void> {
    const server = this.children.find((child) => child.name === 'server');
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (this.asked === null) {
      if (await answersReady(reachableHost(this.env), port)) {
        return;
      }
      if ((server?.deaths ?? 0) >= HOPELESS_DEATHS || performance.now() > deadline) {
        throw new DomainError(
          'UNAVAILABLE',
          { expected: 'a server that becomes ready' },
          {
            message: `the server does not become ready; the end of ${join(this.logDir, 'server.log')}:\n${server?.logTail() ?? ''}`,
          },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async end(): Promise<void> {
    for (const name of ['simulator', 'gateway', 'server']) {
      await this.children.find((child) => child.name === name)?.stop();
    }
    await this.database?.stop();
    this.lock?.release();
  }
}

async function answersReady(host: string, port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return answer.status === 200;
  } catch {
    // not listening yet
    return false;
  }
}

/** No child gets the owner's database address; each gets its own of the others, and PORT is the server's alone. */
const NOT_PASSED_ON = ['DATABASE_URL', 'DATABASE_MIGRATION_URL', 'DATABASE_INGEST_URL', 'PORT'];
/** Secrets of the server that no other child needs. */
const SERVER_ALONE = ['BOXTRAIL_SECRET_KEY', 'BOXTRAIL_SMS_SECRET', 'BOXTRAIL_OIDC_FILE'];

/** Libraries leave out what they check for their own developers; who says otherwise is heard. */
const IN_SERVICE = { NODE_ENV: 'production' };

function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const held = [...NOT_PASSED_ON, ...SERVER_ALONE];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !held.includes(name)));
}

function given(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const])));
}

/** Where this machine reaches the server: HOST unless that means all addresses. */
function reachableHost(env: NodeJS.ProcessEnv): string {
  const host = env['HOST'];
  return host === undefined || ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
}

function show(line: string): void {
  process.stderr.write(`boxtrail: ${line}\n`);
}
