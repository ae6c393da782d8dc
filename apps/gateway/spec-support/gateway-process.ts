import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfigInput } from '../src/gateway-config.js';

export interface ProcessOptions {
  /** Of `buildTree`. */
  readonly folder: string;
  /** A folder of the spec's own, for gateway.json. */
  readonly home: string;
  readonly config: GatewayConfigInput;
  readonly token: string;
  /** Put before the command, such as `strace` and its arguments. */
  readonly before?: readonly string[];
  /** Of its own http. */
  readonly port?: number;
}

/** The built gateway as a process of its own. */
export class GatewayProcess {
  log = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.log += chunk));
  }

  /** Resolves when it says that it is ready; rejects with its log when it ends before. */
  static async start({ folder, home, config, token, before = [], port = 0 }: ProcessOptions): Promise<GatewayProcess> {
    const path = join(home, 'gateway.json');
    await writeFile(path, JSON.stringify(config, null, 2));
    const [command = '', ...args] = [...before, process.execPath, join(folder, 'apps/gateway/src/main.js')];
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        BOXTRAIL_GATEWAY_CONFIG: path,
        BOXTRAIL_GATEWAY_TOKEN: token,
        PORT: String(port),
      },
    });
    const gateway = new GatewayProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', () => {
        if (gateway.log.includes('gateway ready')) resolve();
      });
      child.once('close', () => reject(new Error(`the gateway ended: ${gateway.log}`)));
    });
    await ready;
    return gateway;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.signal('SIGKILL');
  }

  /** SIGTERM. @returns the exit code */
  async end(): Promise<number | null> {
    await this.signal('SIGTERM');
    return this.child.exitCode;
  }

  /** To the gateway itself, not to what stands before it: its log says its process id. */
  private async signal(name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    process.kill(Number(/"pid":(\d+)/.exec(this.log)?.[1] ?? this.child.pid), name);
    await closed;
  }
}
