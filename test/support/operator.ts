import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** One `npx boxtrail …` that a spec starts, and what it says. */
export class OperatorProcess {
  out = '';
  err = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [join(ROOT, 'bin/boxtrail.mjs'), ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString('utf8')));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString('utf8')));
    this.ended = once(this.child, 'close');
  }

  /** Exit code, once it has ended by itself. */
  async end(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  /** Asks it to end, unless it has ended by itself; its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return await this.end();
  }

  /** Resolves when `part` was said on either stream. @throws Error with all that was said instead */
  async says(part: string): Promise<void> {
    const log = (): string => `${this.out}\n${this.err}`;
    const isSaid = (): boolean => `${this.out}${this.err}`.includes(part);
    await until(`"${part}" to be said`, () => isSaid() || this.child.exitCode !== null, { everyMs: 25, log });
    if (!isSaid()) throw new Error(`"${part}" was not said:\n${log()}`);
  }
}
