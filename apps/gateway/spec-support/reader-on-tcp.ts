import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createSimulatedReader, R2000Framer, type FieldTag } from '#hardware-adapters/r2000';

/** 0x89 with one byte of data is the real-time inventory; its last answer carries the count. */
const INVENTORY = 0x89;

/**
 * A UHF reader behind a serial-to-Ethernet box: silent until commanded. What stands before its antennas depends on the number
 * of inventory rounds alone, so the world stands still while nobody commands.
 */
export class ReaderOnTcp {
  rounds = 0;
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly fieldAt: (round: number) => readonly FieldTag[],
    private readonly roundMs: number,
  ) {}

  async start(): Promise<number> {
    const server = createServer((socket) => this.serve(socket));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  /** The cable is pulled inside a frame: `part` is the last that comes through. */
  hangUp(part: Uint8Array): void {
    for (const socket of this.sockets) socket.end(part);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const { server } = this;
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    const reader = createSimulatedReader();
    const framer = new R2000Framer();
    let answering = Promise.resolve();
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (bytes) => {
      for (const output of framer.push(bytes)) {
        if (output.kind === 'frame') answering = answering.then(() => this.answer(socket, reader, output.bytes));
      }
    });
  }

  private async answer(
    socket: Socket,
    reader: ReturnType<typeof createSimulatedReader>,
    command: Uint8Array,
  ): Promise<void> {
    const isRound = command[3] === INVENTORY;
    if (isRound) await new Promise((resolve) => setTimeout(resolve, this.roundMs));
    if (socket.destroyed) return;
    const answers = reader.answer(command, this.fieldAt(this.rounds));
    if (isRound) this.rounds++;
    for (const frame of answers) socket.write(frame);
  }
}
