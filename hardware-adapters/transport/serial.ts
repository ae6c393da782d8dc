import { realpath } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { SerialConfig, Transport, TransportEvents } from './contract.js';

/**
 * A serial line on node-serialport 13. The path is resolved at each open, so a reader that comes back as another
 * /dev/ttyUSBn is found by its by-id link. Bytes that wait in the tty before the open are dropped by the library.
 */
export class SerialTransport implements Transport {
  readonly address: string;
  private port: SerialPort | null = null;

  constructor(private readonly config: SerialConfig) {
    this.address = `serial ${config.path}`;
  }

  async open(events: TransportEvents): Promise<void> {
    // Loaded when it is needed: a machine without the native binding still reads sockets and files.
    const { SerialPort } = await import('serialport');
    const { path, baudRate, dataBits, stopBits, parity, rtscts, lock } = this.config;
    const port = new SerialPort({
      path: path.startsWith('/') ? await realpath(path) : path,
      baudRate,
      dataBits,
      stopBits,
      parity,
      rtscts,
      lock,
      // Dropping DTR at close resets some readers.
      hupcl: false,
      autoOpen: false,
    });
    this.port = port;
    let opened = false;
    let failure: Error | null = null;
    port.on('error', (error) => {
      failure = error;
    });
    port.on('data', (bytes: Uint8Array) => {
      if (this.port === port) events.data(bytes);
    });
    port.on('close', (error: Error | null) => {
      if (this.port !== port) return;
      this.port = null;
      if (opened) events.close(error ?? failure);
    });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    opened = true;
    if (this.port !== port) {
      await closed(port);
      throw new Error(`${this.address} was closed while it was opened`);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    const { port } = this;
    if (port === null) return Promise.reject(new Error(`${this.address} is not open`));
    return new Promise((resolve, reject) => {
      port.write(Buffer.from(bytes), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async close(): Promise<void> {
    const { port } = this;
    this.port = null;
    if (port !== null) await closed(port);
  }

  pause(): void {
    this.port?.pause();
  }

  resume(): void {
    this.port?.resume();
  }
}

/** A port that is gone cannot be closed in order; that is what was wanted. */
function closed(port: SerialPort): Promise<void> {
  if (!port.isOpen) return Promise.resolve();
  return new Promise((resolve) => port.close(() => resolve()));
}
