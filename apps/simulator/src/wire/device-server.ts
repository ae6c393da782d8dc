import { createServer, type Server, type Socket } from 'node:net';

/** What a device does with the one host that it serves. */
export interface DeviceProtocol {
  onHost(host: Host): void;
  onBytes(host: Host, bytes: Buffer): void;
  onGone(host: Host): void;
}

/** One connection of a gateway. */
export interface Host {
  send(bytes: Uint8Array): void;
}

/** Unsent bytes after which a host counts as gone: some minutes of any of our devices. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A host that vanished without a word is noticed by TCP's own probes. */
const PROBE_AFTER_MS = 10_000;

/**
 * One device behind a serial-to-Ethernet box: a TCP port of 127.0.0.1 that serves one host, the latest. A host that takes
 * nothing off its line for long is dropped, and may come again.
 */
export class DeviceServer {
  private readonly server: Server;
  private socket: Socket | null = null;

  constructor(
    readonly deviceId: string,
    private readonly protocol: DeviceProtocol,
  ) {
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS }, (socket) =>
      this.serve(socket),
    );
  }

  /** Port 0 takes a free one. Rejects with EADDRINUSE when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const onListening = (): void => {
        this.server.off('error', onError);
        // a fault of one connection's acceptance, such as too many open files, is told to that connection
        this.server.on('error', () => undefined);
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      };
      const onError = (error: Error): void => {
        // the next attempt is another port's, and this one's listener must not wait for it
        this.server.off('listening', onListening);
        reject(error);
      };
      this.server.once('error', onError);
      this.server.once('listening', onListening);
      this.server.listen({ port, host: '127.0.0.1', exclusive: true });
    });
  }

  async close(): Promise<void> {
    this.socket?.destroy();
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private serve(socket: Socket): void {
    this.socket?.destroy();
    this.socket = socket;
    const host: Host = {
      send: (bytes) => {
        if (socket.destroyed) return;
        socket.write(bytes);
        if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
      },
    };
    socket.on('data', (bytes: Buffer) => this.protocol.onBytes(host, bytes));
    // 'close' follows and says the rest
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket === socket) this.socket = null;
      this.protocol.onGone(host);
    });
    this.protocol.onHost(host);
  }
}
