import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeHello, encodeReading } from '../../../hardware-adapters/jsonl/index.js';
import { createSimulatedReader, INVENTORY_ROUND_MS, type FieldTag } from '../../../hardware-adapters/r2000/index.js';
import type { LaneConfig } from '../../../libs/lane/src/index.js';
import type { ReadingBody } from '../../../libs/telemetry/src/index.js';

export interface Truck {
  readonly plate: string;
  readonly tag: { readonly pc: string; readonly hex: string };
  readonly boxes: readonly string[];
}

/** What closes the lane's pass: its loops, or nobody's having been heard for a while. */
export type LaneKind = 'LOOPS' | 'TIMEOUT';

export type Way = 'IN' | 'OUT';

const REAL_TIME_INVENTORY = 0x89;
const LANDSIDE_ANTENNA = 1;
const TERMINALSIDE_ANTENNA = 2;

/**
 * A lane's UHF reader, camera and controller at the far end of real TCP lines. The reader is silent until commanded and takes
 * `INVENTORY_ROUND_MS` for a round, as a real one does; camera and controller number their lines.
 */
export class LaneOnWire {
  private field: readonly FieldTag[] = [];
  private tagWrittenAt = Number.NaN;

  private constructor(
    readonly laneId: string,
    readonly kind: LaneKind,
    readonly way: Way,
    private readonly lines: readonly Line[],
  ) {}

  static async open(laneId: string, kind: LaneKind, way: Way): Promise<LaneOnWire> {
    const lines = await Promise.all(['r2000', 'jsonl', 'jsonl'].map((protocol) => Line.open(protocol)));
    const lane = new LaneOnWire(laneId, kind, way, lines);
    lane.reader.onConnect = (socket) => lane.serveReader(socket);
    for (const line of [lane.camera, lane.controller]) {
      line.onConnect = (socket) => socket.write(encodeHello(line.url, 'bench'));
    }
    return lane;
  }

  /** For gateway.json. */
  get devices(): readonly object[] {
    return [
      {
        deviceId: `${this.laneId}-UHF`,
        laneId: this.laneId,
        url: this.reader.url,
        antennas: [1, 2],
        options: { address: 1 },
      },
      { deviceId: `${this.laneId}-CAM`, laneId: this.laneId, url: this.camera.url },
      { deviceId: `${this.laneId}-IO`, laneId: this.laneId, url: this.controller.url },
    ];
  }

  get config(): LaneConfig {
    const antenna = (number: number) => [{ deviceId: `${this.laneId}-UHF`, antenna: number }];
    return {
      laneId: this.laneId,
      direction: this.way,
      loops: this.kind === 'LOOPS' ? ['LANDSIDE', 'TERMINALSIDE'] : [],
      antennaGroups: { landside: antenna(LANDSIDE_ANTENNA), terminalside: antenna(TERMINALSIDE_ANTENNA) },
      acceptance: this.kind === 'LOOPS' ? 'DECISION' : 'EXIT',
    };
  }

  get isConnected(): boolean {
    return this.lines.every((line) => line.isConnected);
  }

  /**
   * One truck through the lane in 1.5 s.
   * @returns the moment from which the closing rule counts, in ms of `performance.now`: the falling line of the last loop was
   *   written, or the last tag answer
   */
  async pass(truck: Truck): Promise<number> {
    const [entry, exit] =
      this.way === 'IN' ? (['LANDSIDE', 'TERMINALSIDE'] as const) : (['TERMINALSIDE', 'LANDSIDE'] as const);
    this.loop(entry, true);
    this.show(truck, [entry]);
    await pause(150);
    this.camera.tell({ ...OCR, target: 'PLATE', text: truck.plate, position: null });
    for (const [n, text] of truck.boxes.entries()) {
      this.camera.tell({ ...OCR, target: 'CONTAINER', text, position: n === 0 ? 'FRONT' : 'REAR' });
    }
    await pause(350);
    this.loop(exit, true);
    this.show(truck, [entry, exit]);
    await pause(300);
    if (this.kind === 'LOOPS') {
      this.controller.tell({ kind: 'LaneSignal', signal: 'DECISION', verdict: 'ACCEPTED', by: 'TOS', reason: null });
    }
    await pause(100);
    this.loop(entry, false);
    this.show(truck, [exit]);
    await pause(400);
    this.field = [];
    // a round under way may still answer with what stood before the antenna when it began
    await pause(200);
    if (this.kind === 'TIMEOUT') return this.tagWrittenAt;
    const fell = performance.now();
    this.loop(exit, false);
    return fell;
  }

  async close(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()));
  }

  private get reader(): Line {
    return this.line(0);
  }

  private get camera(): Line {
    return this.line(1);
  }

  private get controller(): Line {
    return this.line(2);
  }

  private line(n: number): Line {
    const line = this.lines[n];
    if (line === undefined) throw new Error('A lane has three lines.');
    return line;
  }

  private loop(position: 'LANDSIDE' | 'TERMINALSIDE', on: boolean): void {
    if (this.kind === 'LOOPS') this.controller.tell({ kind: 'LaneSignal', signal: 'LOOP', position, on });
  }

  private show({ tag }: Truck, sides: readonly ('LANDSIDE' | 'TERMINALSIDE')[]): void {
    this.field = sides.map((side) => ({
      antenna: side === 'LANDSIDE' ? LANDSIDE_ANTENNA : TERMINALSIDE_ANTENNA,
      pc: tag.pc,
      epc: tag.hex,
      rssiDbm: -58,
    }));
  }

  private serveReader(socket: Socket): void {
    const reader = createSimulatedReader({ address: 1, antennas: [LANDSIDE_ANTENNA, TERMINALSIDE_ANTENNA] });
    const answer = (commands: Uint8Array): void => {
      if (socket.destroyed) return;
      const frames = reader.answer(commands, this.field);
      // an inventory without tags is its end packet alone
      if (frames.length > 1) this.tagWrittenAt = performance.now();
      for (const frame of frames) socket.write(frame);
    };
    socket.on('data', (commands: Buffer) => {
      if (commands[3] === REAL_TIME_INVENTORY) setTimeout(() => answer(commands), INVENTORY_ROUND_MS);
      else answer(commands);
    });
  }
}

const OCR = { kind: 'OcrRead', confidence: 0.97, pictureUrl: null } as const;

/** One TCP line that a device listens on and a gateway connects to. */
class Line {
  onConnect: (socket: Socket) => void = () => undefined;
  private socket: Socket | null = null;
  private sequence = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(protocol: string): Promise<Line> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new Line(server, `${protocol}+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (socket: Socket) => line.take(socket));
    return line;
  }

  get isConnected(): boolean {
    return this.socket !== null;
  }

  tell(body: ReadingBody): void {
    this.socket?.write(encodeReading(++this.sequence, null, body));
  }

  close(): Promise<void> {
    this.socket?.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(socket: Socket): void {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    // acknowledgements of JSON lines are read and left
    socket.resume();
    this.onConnect(socket);
  }
}
