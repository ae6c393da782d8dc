/** What a transport tells. None of these may throw. */
export interface TransportEvents {
  data(bytes: Uint8Array): void;
  /** The line is gone, once for each successful open; null when the far end hung up in order. Not told after `close()`. */
  close(error: Error | null): void;
  /** A recording has been told to its end; the transport stays open and silent. */
  end?(): void;
}

/** Bytes to and from one device. One object opens one line at a time; after `close` or a told close it may be opened anew. */
export interface Transport {
  /** For logs and health: `serial /dev/ttyUSB0`, `tcp 10.0.0.5:4001`. */
  readonly address: string;
  /** Rejects with the system's error when it cannot be opened. */
  open(events: TransportEvents): Promise<void>;
  /** Resolves when the system has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Never rejects; may be called at any time, also while opening. */
  close(): Promise<void>;
  /** Stops reading, so that the far end is held back; what it is told then depends on the transport. */
  pause(): void;
  resume(): void;
}

export interface SerialConfig {
  readonly kind: 'serial';
  /** A device file, or a link to one such as /dev/serial/by-id/…, which is followed at each open. */
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly stopBits: 1 | 1.5 | 2;
  readonly parity: 'none' | 'even' | 'odd';
  readonly rtscts: boolean;
  /** Refuses a port that another process has. */
  readonly lock: boolean;
}

export interface TcpConfig {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

export interface FileConfig {
  readonly kind: 'file';
  readonly path: string;
  /** Lines a second; null as fast as they are taken. */
  readonly rate: number | null;
  /** Begins again at the end. */
  readonly loop: boolean;
}

export interface HttpConfig {
  readonly kind: 'http';
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly path: string;
  readonly maxBodyBytes: number;
  /** How long a POST waits for its readings to be on disk. */
  readonly ackTimeoutMs: number;
}

export type TransportConfig = SerialConfig | TcpConfig | FileConfig | HttpConfig;
