import { connect, type Socket } from 'node:net';
import type { TcpConfig, Transport, TransportEvents } from './contract.js';

/** Probes after this much silence, so that a box whose power went is noticed even when nobody writes to it. */
const KEEP_ALIVE_MS = 10_000;

/** Client of a serial-to-Ethernet box or of a device with a socket of its own. */
export class TcpTransport implements Transport {
  readonly address: string;
  private socket: Socket | null = null;

  constructor(private readonly config: TcpConfig) {
    this.address = `tcp ${config.host}:${config.port}`;
  }

  open(events: TransportEvents): Promise<void> {
    const socket = connect({ host: this.config.host, port: this.config.port });
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return new Promise((resolve, reject) => {
      let opened = false;
      let failure: Error | null = null;
      socket.on('error', (error) => {
        failure = error;
      });
      socket.on('connect', () => {
        opened = true;
        resolve();
      });
      socket.on('data', (bytes) => {
        if (this.socket === socket) events.data(bytes);
      });
      socket.on('close', () => {
        const wanted = this.socket !== socket;
        if (!wanted) this.socket = null;
        if (!opened) reject(failure ?? new Error(`${this.address} was closed while it was opened`));
        else if (!wanted) events.close(failure);
      });
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    const { socket } = this;
    if (socket === null) return Promise.reject(new Error(`${this.address} is not open`));
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    const { socket } = this;
    this.socket = null;
    if (socket === null || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }
}
