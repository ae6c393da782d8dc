import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DomainError } from '#libs/kernel';
import { encodeAck, encodeHello, encodeReading } from '#hardware-adapters/jsonl';
import { port } from '../../../../fixtures/index.js';
import { DeviceServer } from '../wire/index.js';
import { parseRecording, readRecording } from './recording.js';
import { Replay } from './replay.js';
import { ReplayedLines, ReplayedStream, type ReplayedDevice } from './replayed-device.js';

const LOOP = { kind: 'LaneSignal', signal: 'LOOP', position: 'LANDSIDE', on: true } as const;
const TAGGED = fileURLToPath(
  new URL('../../../../fixtures/recordings/chuanshan-lane3-tagged-boxes.jsonl', import.meta.url),
);

interface Hello {
  readonly type: 'hello';
  readonly boot: string;
}

const opened: { servers: DeviceServer[]; sockets: Socket[] } = { servers: [], sockets: [] };

afterEach(async () => {
  opened.sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(opened.servers.splice(0).map((server) => server.close()));
});

async function serve(device: ReplayedDevice): Promise<number> {
  const server = new DeviceServer('device', device);
  opened.servers.push(server);
  return server.listen(0);
}

async function host(portNumber: number): Promise<Socket> {
  const socket = connect(portNumber, '127.0.0.1');
  opened.sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function lines(socket: Socket, count: number): Promise<Record<string, unknown>[]> {
  let text = '';
  while (text.split('\n').length <= count) text += String((await once(socket, 'data'))[0]);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a replayed camera or controller', () => {
  const recorded = Buffer.concat([
    encodeHello('io', 'recorded'),
    encodeReading(1, null, LOOP),
    encodeReading(2, null, LOOP),
  ]);

  it('greets with a boot of its own, says the recorded lines, and again to who comes back, but for the acknowledged', async () => {
    const device = new ReplayedLines('io');
    const at = await serve(device);
    const first = await host(at);
    // cut inside a line: it goes out once it is whole
    device.play(recorded.subarray(0, recorded.length - 5));
    device.play(recorded.subarray(recorded.length - 5));
    const said = await lines(first, 3);
    expect(said.map(({ type, seq }) => [type, seq])).toEqual([
      ['hello', undefined],
      ['lane', 1],
      ['lane', 2],
    ]);
    expect((said[0] as unknown as Hello).boot).toMatch(/^[0-9a-f]{16}$/);
    first.write(encodeAck(1));
    while (device.keptLines > 1) await new Promise((resolve) => setImmediate(resolve));
    const again = await lines(await host(at), 2);
    expect(again).toEqual([said[0], said[2]]);
  });

  it('draws another boot for another replay, and for a recorded device that began to count anew', async () => {
    const [one, other] = [new ReplayedLines('io'), new ReplayedLines('io')];
    const [socket, another] = [await host(await serve(one)), await host(await serve(other))];
    one.play(recorded);
    one.play(Buffer.concat([encodeHello('io', 'recorded again'), encodeReading(1, null, LOOP)]));
    const boots = [...(await lines(socket, 5)), ...(await lines(another, 1))].flatMap((line) =>
      line['type'] === 'hello' ? [line['boot']] : [],
    );
    expect(boots).toHaveLength(3);
    expect(new Set(boots).size).toBe(3);
  });
});

describe('a replayed reader', () => {
  it('is silent until it is commanded', async () => {
    const reader = new ReplayedStream(true);
    const at = await serve(reader);
    const socket = await host(at);
    reader.play(Buffer.from('01', 'hex'));
    socket.write(Buffer.from('a004017400e7', 'hex'));
    while (!reader.ready) await new Promise((resolve) => setImmediate(resolve));
    reader.play(Buffer.from('a004017410d7', 'hex'));
    const [heard] = (await once(socket, 'data')) as [Buffer];
    expect(heard.toString('hex')).toBe('a004017410d7');
  });
});

describe('a recording', () => {
  it('opens every device of the lanes that it names, and no other', () => {
    const replay = new Replay(port, readRecording(TAGGED));
    expect(replay.devices.map(({ deviceId, protocol }) => [deviceId, protocol])).toEqual([
      ['CNNBO-BLYUA/G1-L3-UHF', 'r2000'],
      ['CNNBO-BLYUA/G1-L3-CAM', 'jsonl'],
      ['CNNBO-BLYUA/G1-L3-IO', 'jsonl'],
    ]);
  });

  it.each([
    ['{"atMs":0,"device":"a","hex":"0"}', 'line 1'],
    ['{"atMs":5,"device":"a","hex":"00"}\n{"atMs":4,"device":"a","hex":"00"}', 'line 2: atMs is 4'],
    ['{"atMs":0,"device":"a","hex":"00"}\nnot json', 'line 2'],
    ['\n', 'nothing is recorded'],
  ])('is refused with its line: %j', (text, said) => {
    expect(() => parseRecording(text, 'r.jsonl')).toThrow(said);
  });

  it('is refused when it names a device that the port does not have', () => {
    const chunks = parseRecording('{"atMs":0,"device":"CNNBO-NOWHERE","hex":"00"}', 'r.jsonl');
    expect(() => new Replay(port, chunks)).toThrow(DomainError);
    expect(() => new Replay(port, chunks)).toThrow('CNNBO-NOWHERE');
  });
});
