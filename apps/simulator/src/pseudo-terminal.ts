import { spawn, type ChildProcess } from 'node:child_process';

const AGAIN_MS = 500;

/** Puts a reader's TCP port behind a pseudo-terminal at `path` by socat, and puts it there again when socat ends. */
export class PseudoTerminal {
  private child: ChildProcess | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closing = false;

  constructor(
    private readonly path: string,
    private readonly port: number,
    private readonly warn: (message: string) => void,
  ) {
    this.start();
  }

  close(): void {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.child?.kill();
  }

  private start(): void {
    const child = spawn('socat', [`PTY,link=${this.path},raw,echo=0`, `TCP:127.0.0.1:${this.port}`], {
      stdio: 'ignore',
    });
    this.child = child;
    child.once('error', (error) => this.warn(`no pseudo-terminal at ${this.path}: ${error.message}`));
    child.once('close', () => {
      this.child = null;
      if (!this.closing) this.timer = setTimeout(() => this.start(), AGAIN_MS);
    });
  }
}
