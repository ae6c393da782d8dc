import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { processIdentity } from '#libs/persistence';
import { RotatingFile, TerminalFilter } from './child-log.js';

export interface ChildPlan {
  readonly name: string;
  /** The built entry. */
  readonly main: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/** Pauses before the first, second, … restart; the last one repeats. */
export const RESTART_PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** A child that ran this long starts again from the first pause. */
const STEADY_MS = 60_000;
const ORDERLY_MS = 15_000;

/** One child process that is started again when it dies, with growing pauses, until it is stopped. */
export class SupervisedChild {
  /** How often it died since it was last steady. */
  deaths = 0;
  private process: ChildProcess | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopping = false;
  private ended: Promise<void> = Promise.resolve();
  private readonly log: RotatingFile;
  private readonly logStart: number;
  private logFault: string | null = null;

  constructor(
    private readonly plan: ChildPlan,
    private readonly report: {
      show(line: string): void;
      /** A process was started or ended; `running` names what is to be found by the next start. */
      changed(): void;
    },
  ) {
    this.log = new RotatingFile(plan.logFile);
    this.logStart = statSync(plan.logFile).size;
  }

  get name(): string {
    return this.plan.name;
  }

  get running(): { readonly pid: number; readonly identity: string } | null {
    const pid = this.process?.pid;
    const identity = pid === undefined ? null : processIdentity(pid);
    return pid === undefined || identity === null ? null : { pid, identity };
  }

  start(): void {
    const startedAt = performance.now();
    // a session of its own: the terminal's Ctrl-C is ours alone, and the children end in order
    const child = spawn(process.execPath, ['--enable-source-maps', this.plan.main, ...this.plan.args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: this.plan.env,
    });
    this.process = child;
    const filter = new TerminalFilter(this.name, (line) => this.report.show(line));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.toLog(chunk);
        filter.push(chunk.toString('utf8'));
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => this.report.show(`${this.name}: ${error.message}`));
      child.once('close', (code, signal) => {
        this.process = null;
        resolve();
        this.onEnd(performance.now() - startedAt, signal ?? `code ${code}`);
      });
    });
    this.report.changed();
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    const child = this.process;
    if (child === null) {
      return;
    }
    child.kill('SIGTERM');
    const hard = setTimeout(() => {
      this.report.show(`${this.name} did not end within ${ORDERLY_MS / 1_000} s and is killed`);
      child.kill('SIGKILL');
    }, ORDERLY_MS);
    await this.ended;
    clearTimeout(hard);
  }

  kill(): void {
    this.stopping = true;
    this.process?.kill('SIGKILL');
  }

  /** The end of what this run wrote: why it died. */
  logTail(): string {
    return readFileSync(this.plan.logFile).subarray(this.logStart).subarray(-2_000).toString('utf8').trim();
  }

  private toLog(chunk: Uint8Array): void {
    const fault = this.log.write(chunk);
    if (fault !== null && fault !== this.logFault) {
      this.report.show(`${this.name}: ${this.plan.logFile} cannot be written (${fault}); lines are lost until it can`);
    }
    this.logFault = fault;
  }

  private onEnd(ranMs: number, how: string): void {
    this.report.changed();
    if (this.stopping) {
      return;
    }
    this.deaths = ranMs > STEADY_MS ? 1 : this.deaths + 1;
    const pauseMs = RESTART_PAUSES_MS[Math.min(this.deaths, RESTART_PAUSES_MS.length) - 1] ?? 500;
    this.report.show(`${this.name} ended (${how}) and starts again in ${pauseMs / 1_000} s; see ${this.plan.logFile}`);
    this.timer = setTimeout(() => this.start(), pauseMs);
  }
}
