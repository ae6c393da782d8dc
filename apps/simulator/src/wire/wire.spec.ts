import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { distanceM } from '#libs/geo';
import { ManualClock } from '#libs/kernel';
import { encodeAck, jsonl, JsonlFramer } from '#hardware-adapters/jsonl';
import { nmea } from '#hardware-adapters/nmea';
import { r2000, type FieldTag } from '#hardware-adapters/r2000';
import { answers } from '../world/index.js';
import { DeviceServer, LineDevice, ReaderDevice, ReceiverDevice, talkerOf } from './index.js';
import { MAX_KEPT_LINES } from './line-device.js';

const NOW = Date.UTC(2026, 10, 22, 6);
const LOOP = { kind: 'LaneSignal', signal: 'LOOP', position: 'LANDSIDE', on: true } as const;
const TAG: FieldTag = { antenna: 1, pc: '3000', epc: '3414257BF4000000000003E9', rssiDbm: -45 };

const opened: { servers: DeviceServer[]; sockets: Socket[] } = { servers: [], sockets: [] };

afterEach(async () => {
  opened.sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(opened.servers.splice(0).map((server) => server.close()));
});

async function serve(protocol: ConstructorParameters<typeof DeviceServer>[1]): Promise<number> {
  const server = new DeviceServer('device', protocol);
  opened.servers.push(server);
  return server.listen(0);
}

/** A host that keeps what it hears. */
async function host(
  port: number,
): Promise<{ socket: Socket; heard: () => Buffer; until: (n: number) => Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  opened.sockets.push(socket);
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'connect');
  const heard = (): Buffer => Buffer.concat(chunks);
  return {
    socket,
    heard,
    until: async (bytes) => {
      while (heard().length < bytes) await once(socket, 'data');
    },
  };
}

/** Lines as the adapter understands them: `hello`, or their numbers. */
function lines(bytes: Buffer): (string | number)[] {
  return new JsonlFramer().push(bytes).flatMap((output) => {
    const decoded = jsonl.decode(output.bytes);
    if (!decoded.ok) throw new Error(`${decoded.reason} ${decoded.detail}`);
    return [decoded.message.kind === 'hello' ? 'hello' : decoded.message.seq];
  });
}

async function linesOf(device: LineDevice, port: number, count: number) {
  const gateway = await host(port);
  while (lines(gateway.heard()).length < count) await once(gateway.socket, 'data');
  return { ...gateway, lines: lines(gateway.heard()) };
}

describe('a reader on the wire', () => {
  const clock = new ManualClock(NOW);

  it('answers the host that came, though the one before is told to be gone only then', async () => {
    const reader = new ReaderDevice(() => [TAG], [1, 2], clock);
    const before = { send: () => undefined };
    reader.onHost(before);
    const answer = new Promise<Uint8Array>((resolve) => {
      const present = { send: resolve };
      reader.onHost(present);
      reader.onBytes(present, Buffer.from('a004017400e7', 'hex'));
    });
    reader.onGone(before);
    // 0x74, status 0x10: success
    expect(Buffer.from(await answer).toString('hex')).toBe('a004017410d7');
  });

  it('says nothing until it is commanded, and nothing again once it has answered', async () => {
    let asked = 0;
    const reader = new ReaderDevice(() => ((asked += 1), [TAG]), [1, 2], clock);
    const { socket, heard, until } = await host(await serve(reader));
    // a round trip of the loopback: a reader that spoke by itself would have spoken
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect([heard().length, asked]).toEqual([0, 0]);
    // A0 04 01 74 00: work antenna 1; status frame A0 04 01 74 10
    socket.write(Buffer.from('a004017400e7', 'hex'));
    await until(6);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(heard().toString('hex')).toBe('a004017410d7');
  });

  it('hears a tag in its field on the antenna that was chosen, when the tag answers', async () => {
    while (!answers(TAG, clock.now())) clock.advance(10);
    const reader = new ReaderDevice(() => [TAG, { ...TAG, antenna: 2, epc: 'E2001234' }], [1, 2], clock);
    const { socket, heard, until } = await host(await serve(reader));
    const options = r2000.parseOptions({ antennas: [1] });
    const session = r2000.open(options, NOW);
    socket.write(Buffer.concat(session.replies));
    await until(6);
    const [status] = decoded(heard());
    if (status === undefined) throw new Error('no status came');
    const [inventory] = r2000.onMessage(session.state, status, NOW).replies;
    socket.write(inventory ?? Buffer.alloc(0));
    // 6 of the status, 5 + 16 of the tag, 12 of the end
    await until(6 + 21 + 12);
    expect(decoded(heard()).slice(1)).toMatchObject([
      { kind: 'tag', pc: '3000', epc: TAG.epc },
      { kind: 'inventoryEnd', totalRead: 1 },
    ]);
  });

  it('is heard about once a second by each antenna', () => {
    let reads = 0;
    for (let at = NOW; at < NOW + 600_000; at += 100) if (answers(TAG, at)) reads += 1;
    // 667 turns of 900 ms, an eighth of them missed, one or two rounds in each answer
    expect(reads).toBeGreaterThan(500);
    expect(reads).toBeLessThan(900);
  });

  function decoded(bytes: Buffer) {
    return r2000
      .createFramer()
      .push(bytes)
      .map((output) => {
        const answer = r2000.decode(output.bytes);
        if (!answer.ok) throw new Error(`${answer.reason} ${answer.detail}`);
        return answer.message;
      });
  }
});

describe('a camera or controller on the wire', () => {
  const clock = new ManualClock(NOW);

  it('greets, and says what nobody has acknowledged to each host that comes, under the same numbers', async () => {
    const device = new LineDevice('CTRL', clock);
    const port = await serve(device);
    device.say(LOOP);
    device.say(LOOP);
    const first = await linesOf(device, port, 3);
    expect(first.lines).toEqual(['hello', 1, 2]);
    first.socket.write(encodeAck(1));
    device.say(LOOP);
    while (device.keptLines > 2) await new Promise((resolve) => setTimeout(resolve, 5));
    first.socket.destroy();
    const second = await linesOf(device, port, 3);
    expect(second.lines).toEqual(['hello', 2, 3]);
    second.socket.write(encodeAck(3));
    while (device.keptLines > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    device.say(LOOP);
    expect((await linesOf(device, port, 2)).lines).toEqual(['hello', 4]);
  });

  it('keeps the same bytes of a line, its time among them', async () => {
    const device = new LineDevice('CTRL', clock);
    const port = await serve(device);
    device.say(LOOP);
    const before = await linesOf(device, port, 2);
    before.socket.destroy();
    clock.advance(60_000);
    expect((await linesOf(device, port, 2)).heard()).toEqual(before.heard());
  });

  it('passes over what is no acknowledgement', async () => {
    const device = new LineDevice('CTRL', clock);
    const port = await serve(device);
    device.say(LOOP);
    const { socket } = await linesOf(device, port, 2);
    socket.write('nonsense\n{"ack":"1"}\n[1]\n{"ack":0}\n');
    device.say(LOOP);
    socket.write(encodeAck(1));
    while (device.keptLines > 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(device.keptLines).toBe(1);
  });

  it('forgets the oldest lines beyond its memory, and counts them', () => {
    const device = new LineDevice('CTRL', clock);
    for (let i = 0; i < MAX_KEPT_LINES + 7; i += 1) device.say(LOOP);
    expect([device.keptLines, device.forgotten]).toEqual([MAX_KEPT_LINES, 7]);
  });

  it('serves the latest host: a half-open one before it is dropped', async () => {
    const device = new LineDevice('CTRL', clock);
    const port = await serve(device);
    const stale = await linesOf(device, port, 1);
    const dropped = once(stale.socket, 'close');
    const fresh = await linesOf(device, port, 1);
    await dropped;
    device.say(LOOP);
    while (lines(fresh.heard()).length < 2) await once(fresh.socket, 'data');
    expect(lines(stale.heard())).toEqual(['hello']);
  });
});

describe('a receiver', () => {
  const PLACE = { longitude: 122.0525, latitude: 29.88694, speedMps: 8, courseDeg: 359.9 };

  it('tells a fix each second that its codec takes, a few metres from the truth, by every kind of talker', () => {
    for (const index of [0, 1, 3, 4]) {
      const receiver = new ReceiverDevice(() => PLACE, talkerOf(index), 7 + index, new ManualClock(NOW));
      const framer = nmea.createFramer();
      let { state } = nmea.open(nmea.parseOptions({}), NOW);
      const errors: number[] = [];
      const systems = new Set<string>();
      for (let second = 0; second < 600; second += 1) {
        const now = NOW + second * 1_000 + 300;
        for (const output of framer.push(receiver.sentences(now))) {
          const decoded = nmea.decode(output.bytes);
          if (!decoded.ok) throw new Error(`${decoded.reason} ${decoded.detail}`);
          const step = nmea.onMessage(state, decoded.message, now);
          state = step.state;
          for (const { body, occurredAt } of step.readings) {
            if (body.kind !== 'PositionFix') throw new Error(body.kind);
            expect(occurredAt).toBe(NOW + second * 1_000);
            errors.push(distanceM(PLACE, body));
            systems.add(body.system);
          }
        }
      }
      expect(errors).toHaveLength(600);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      // 2.2 m in each direction: 2.8 m in the mean over a long time; a drift of 45 s makes ten minutes a short one
      expect(mean).toBeGreaterThan(0.8);
      expect(mean).toBeLessThan(6);
      expect(Math.max(...errors)).toBeLessThan(15);
      const system = { GN: 'COMBINED', GB: 'BEIDOU', BD: 'BEIDOU', GP: 'GPS' }[talkerOf(index)];
      expect([...systems]).toEqual([system]);
    }
  });

  it('says nothing when nobody listens, and goes on when somebody does', async () => {
    let asked = 0;
    const receiver = new ReceiverDevice(() => ((asked += 1), PLACE), 'GN', 7, new ManualClock(NOW));
    let arrived: () => void = () => undefined;
    const someone = new Promise<void>((resolve) => (arrived = resolve));
    const port = await serve({
      onHost: (present) => {
        receiver.onHost(present);
        arrived();
      },
      onBytes: () => undefined,
      onGone: (gone) => receiver.onGone(gone),
    });
    receiver.tick();
    expect(asked).toBe(0);
    const { until } = await host(port);
    // the host's own end may open before the device has taken it
    await someone;
    receiver.tick();
    await until(1);
    expect(asked).toBe(1);
  });
});
