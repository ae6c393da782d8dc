import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/** Of one file; a rotated log keeps `KEPT` older ones, so a child's logs stay under 40 MB. */
const LIMIT_BYTES = 10_000_000;
const KEPT = 3;

/** An append-only file that moves to `.1`, `.2`, `.3` when it is full. */
export class RotatingFile {
  private fd: number;
  private size: number;

  constructor(
    private readonly path: string,
    private readonly limitBytes = LIMIT_BYTES,
  ) {
    this.fd = openSync(path, 'a', 0o600);
    this.size = statSync(path).size;
  }

  /** @returns the system's code when the disk does not take it, such as ENOSPC: a log must not end those that it tells of */
  write(chunk: Uint8Array): string | null {
    try {
      if (this.size > 0 && this.size + chunk.length > this.limitBytes) {
        this.rotate();
      }
      this.size += writeSync(this.fd, chunk);
      return null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) {
        throw error;
      }
      return code;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  private rotate(): void {
    for (let age = KEPT; age >= 1; age -= 1) {
      const from = age === 1 ? this.path : `${this.path}.${age - 1}`;
      if (existsSync(from)) {
        renameSync(from, `${this.path}.${age}`);
      }
    }
    const old = this.fd;
    this.fd = openSync(this.path, 'a', 0o600);
    closeSync(old);
    this.size = 0;
  }
}

/** pino's level of a warning. */
const WARN = 40;
const REPEAT_MS = 10_000;
const LONGEST_LINE = 100_000;

/** Cuts a child's output into lines and picks those that a person at the terminal should see. */
export class TerminalFilter {
  private rest = '';
  private last = { text: '', at: -Infinity };

  /** @param show gets a line for the terminal */
  constructor(
    private readonly name: string,
    private readonly show: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) {
      const told = forTerminal(line);
      if (told !== null && !this.isRepeated(told)) {
        this.show(`${this.name}: ${told}`);
      }
    }
  }

  private isRepeated(text: string): boolean {
    const repeated = text === this.last.text && this.now() - this.last.at < REPEAT_MS;
    if (!repeated) {
      this.last = { text, at: this.now() };
    }
    return repeated;
  }
}

/** pino's lines from warnings up; what is not JSON comes from Node itself (a crash, a warning) and is shown as it is. */
export function forTerminal(line: string): string | null {
  if (line.trim() === '') {
    return null;
  }
  if (!line.startsWith('{')) {
    return line;
  }
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown };
    if (typeof entry.level !== 'number' || entry.level < WARN) {
      return null;
    }
    return `${entry.level > WARN ? 'error' : 'warning'}: ${typeof entry.msg === 'string' ? entry.msg : line}`;
  } catch {
    return line;
  }
}
