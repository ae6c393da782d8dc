import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { until } from './until.js';

/** The far end of a device's line: what a reader or controller would be, for a recording to be played into. */
export interface Wire {
  /** For gateway.json, with the protocol in front. */
  readonly url: string;
  /** Resolves when the gateway listens: connected, and for a reader, has commanded it. */
  ready(): Promise<void>;
  write(bytes: Buffer): void;
  /** The gateway is gone: what it had commanded or acknowledged on this line no longer counts. */
  lost(): void;
  close(): Promise<void>;
}

async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** A reader behind a serial-to-Ethernet box. It is ready once commanded, as a real one is silent until then. */
export async function tcpReader(): Promise<Wire> {
  let socket: Socket | null = null;
  let commanded = false;
  const { server, port } = await listen((connected) => {
    socket?.destroy();
    socket = connected;
    commanded = false;
    connected.on('data', () => (commanded = true));
    connected.on('close', () => {
      if (socket === connected) socket = null;
    });
  });
  return {
    url: `r2000+tcp://127.0.0.1:${port}`,
    ready: () => until('the reader on TCP to be commanded', () => socket !== null && commanded),
    write: (bytes) => void socket?.write(bytes),
    lost: () => (commanded = false),
    close: () => {
      socket?.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A reader on a pseudo-terminal: both ends go through the real serialport binding. */
export async function ptyReader(folder: string): Promise<Wire> {
  const [gatewayEnd, readerEnd] = [join(folder, 'tty-gateway'), join(folder, 'tty-reader')];
  const socat: ChildProcess = spawn(
    'socat',
    [`pty,raw,echo=0,link=${gatewayEnd}`, `pty,raw,echo=0,link=${readerEnd}`],
    {
      stdio: 'ignore',
    },
  );
  await until('socat to make the pseudo-terminals', () => existsSync(gatewayEnd) && existsSync(readerEnd));
  const serial = new SerialPort({ path: readerEnd, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => serial.open((error) => (error ? reject(error) : resolve())));
  let commanded = false;
  serial.on('data', () => (commanded = true));
  return {
    url: `r2000+serial://${gatewayEnd}?baudRate=115200`,
    ready: () => until('the reader on the pseudo-terminal to be commanded', () => commanded),
    write: (bytes) => void serial.write(bytes),
    lost: () => (commanded = false),
    close: async () => {
      await new Promise<void>((resolve) => serial.close(() => resolve()));
      const gone = once(socat, 'close');
      socat.kill();
      await gone;
    },
  };
}

/** A lane controller or camera: numbers its lines, and sends again what was not acknowledged. */
export async function jsonlDevice(): Promise<Wire> {
  let socket: Socket | null = null;
  let hello: Buffer | null = null;
  let unacknowledged: { readonly seq: number; readonly bytes: Buffer }[] = [];
  const { server, port } = await listen((connected) => {
    socket?.destroy();
    socket = connected;
    if (hello !== null) connected.write(hello);
    for (const { bytes } of unacknowledged) connected.write(bytes);
    let text = '';
    connected.on('data', (chunk) => {
      const lines = (text + chunk.toString('utf8')).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines.filter((l) => l.trim() !== '')) {
        const { ack } = JSON.parse(line) as { ack: number };
        unacknowledged = unacknowledged.filter(({ seq }) => seq > ack);
      }
    });
    connected.on('close', () => {
      if (socket === connected) socket = null;
    });
  });
  return {
    url: `jsonl+tcp://127.0.0.1:${port}`,
    ready: () => until('a JSON-lines device to be connected', () => socket !== null),
    write: (bytes) => {
      const said = JSON.parse(bytes.toString('utf8')) as { type: string; seq?: number };
      if (said.type === 'hello') {
        hello = bytes;
        unacknowledged = [];
      } else if (said.seq !== undefined) {
        unacknowledged.push({ seq: said.seq, bytes });
      }
      socket?.write(bytes);
    },
    lost: () => undefined,
    close: () => {
      socket?.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
