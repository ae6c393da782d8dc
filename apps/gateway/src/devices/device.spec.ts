import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLogger, systemClock } from '#libs/kernel';
import { encodeHello, encodeReading, jsonl } from '#hardware-adapters/jsonl';
import { TcpTransport } from '#hardware-adapters/transport';
import type { SpoolEntry } from '../pipeline/entries.js';
import { Device, type ReadingStore } from './device.js';

/** A store that keeps entries in memory and is on the disk when the spec says so. */
class HeldStore implements ReadingStore {
  mustWait = false;
  readonly stored: SpoolEntry[] = [];
  private holding: (() => void)[] = [];
  hold = false;

  async store(entries: readonly ((receivedAt: number) => SpoolEntry)[]): Promise<void> {
    if (this.hold) await new Promise<void>((resolve) => this.holding.push(resolve));
    this.stored.push(...entries.map((make) => make(1_000)));
  }

  get isHolding(): boolean {
    return this.holding.length > 0;
  }

  letGo(): void {
    this.hold = false;
    for (const go of this.holding.splice(0)) go();
  }
}

let server: Server;
let socket: Socket | null;
let heard: string;
let store: HeldStore;
let device: Device;

beforeEach(async () => {
  socket = null;
  heard = '';
  store = new HeldStore();
  server = createServer((opened) => {
    socket = opened;
    opened.on('error', () => opened.destroy());
    opened.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  device = new Device({
    deviceId: 'cards',
    laneId: null,
    adapter: jsonl,
    adapterOptions: {},
    createTransport: () => new TcpTransport({ kind: 'tcp', host: '127.0.0.1', port }),
    connectTimeoutMs: 1_000,
    watchdogMs: null,
    random: () => 0,
    clock: systemClock,
    log: createLogger('spec', 'silent'),
    store,
  });
  device.start();
  await until(() => socket !== null);
  send(encodeHello('cards', 'b1'));
});

afterEach(async () => {
  store.letGo();
  await device.stop();
  socket?.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Over the connection of now. */
function send(bytes: Uint8Array | string): void {
  socket?.write(bytes);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
const card = (seq: number): Uint8Array => encodeReading(seq, null, { kind: 'CardRead', cardNumber: `c${seq}` });
/** Long enough to be heard, were something said that must not be. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

describe('a device', () => {
  it('is acknowledged behind the fsync, and not before', async () => {
    store.hold = true;
    send(card(1));
    await until(() => store.isHolding);
    await settled();
    expect(heard).toBe('');
    store.letGo();
    await until(() => heard !== '');
    expect(heard).toBe('{"ack":1}\n');
    expect(store.stored).toMatchObject([
      { kind: 'reading', reading: { deviceId: 'cards', boot: 'b1', sequence: 1, body: { cardNumber: 'c1' } } },
    ]);
  });

  it('says nothing on a new connection about what came over the old one', async () => {
    store.hold = true;
    send(card(1));
    await until(() => store.isHolding);
    const first = socket;
    first?.destroy();
    await until(() => socket !== first && device.reconnects === 1);
    store.letGo();
    await until(() => store.stored.length === 1);
    await settled();
    expect(heard).toBe('');
  });

  it('has readings named by its own numbering, and what it garbles by the gateway’s', async () => {
    send(card(1));
    send('{"type":"nonsense"}\n');
    send(card(2));
    await until(() => store.stored.length === 3);
    expect(store.stored).toMatchObject([
      { reading: { boot: 'b1', sequence: 1 } },
      {
        refused: {
          ref: { boot: device.boot, sequence: 1 },
          reason: 'unknown_type',
          hex: expect.stringMatching(/^7b22/),
        },
      },
      { reading: { boot: 'b1', sequence: 2 } },
    ]);
  });

  it('keeps ten refused frames a minute and counts the others', async () => {
    for (let n = 0; n < 200; n++) send('noise\n');
    send(card(1));
    await until(() => store.stored.some((entry) => entry.kind === 'reading'));
    expect(store.stored.filter((entry) => entry.kind === 'refused')).toHaveLength(10);
    expect(device.rejectedFrames).toBe(200);
    expect(device.health).toMatchObject({ deviceId: 'cards', state: 'OPEN', rejected: 200 });
  });

  it('is held back while the spool cannot follow, and goes on afterwards', async () => {
    store.mustWait = true;
    device.tick(systemClock.now());
    expect(device.isPaused).toBe(true);
    send(card(1));
    await settled();
    expect(store.stored).toEqual([]);
    store.mustWait = false;
    device.tick(systemClock.now());
    await until(() => store.stored.length === 1);
    expect(device.isPaused).toBe(false);
  });
});
