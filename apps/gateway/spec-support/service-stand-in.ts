import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { HealthReport, UplinkBatch, UplinkItem } from '#libs/lane';

/** What the service does with the next batches. */
export type Mood =
  | 'takes'
  /** Commits, and hangs up before the answer. */
  | 'loses answers'
  /** 503. */
  | 'busy'
  /** Answers this, with a DomainError's code and details. */
  | { readonly status: number; readonly code?: string; readonly details?: object }
  /** Takes nothing, and says that it has committed up to here. */
  | { readonly claims: number }
  /** Refuses every batch that holds an item of which this is true. */
  | { readonly refuses: (item: UplinkItem) => boolean };

/**
 * The service's side of the uplink contract, for specs: commits a prefix of each stream in order, answers a batch that leaves
 * a gap with 409, and takes a number that it has for a repetition.
 */
export class ServiceStandIn {
  /** Committed items in the order of their commit. */
  readonly items: UplinkItem[] = [];
  readonly health: HealthReport[] = [];
  readonly committed = new Map<string, number>();
  mood: Mood = 'takes';
  /** Moods that a batch has met. */
  readonly met = new Set<Mood>();
  batches = 0;
  readonly streams = new Set<string>();
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private port = 0;
  private isAway = false;

  constructor(readonly token = 'gateway-token') {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.onRequest(request, response));
    server.on('connection', (socket) => {
      if (this.isAway) return void socket.resetAndDestroy();
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** Hangs up on everybody until `comeBack`. The port stays ours: another could get it meanwhile. */
  goAway(): void {
    this.isAway = true;
    for (const socket of this.sockets) socket.destroy();
  }

  comeBack(): void {
    this.isAway = false;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.goAway();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  private async onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      // The gateway was killed in the middle of its batch.
      return;
    }
    const answer = (status: number, body?: object): void => {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(body === undefined ? '' : JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.token}`) return answer(401, { code: 'UNAUTHENTICATED' });
    const body: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
    if (request.url === '/ingest/v1/health') {
      this.health.push(body as HealthReport);
      return answer(204);
    }
    if (request.url !== '/ingest/v1/batches') return answer(404);
    this.batches++;
    const batch = body as UplinkBatch;
    this.streams.add(batch.streamId);
    const { mood } = this;
    this.met.add(mood);
    if (mood === 'busy') return answer(503);
    if (typeof mood === 'object' && 'claims' in mood) return answer(200, { committedSequence: mood.claims });
    if (typeof mood === 'object' && 'status' in mood) {
      const { status, code = 'FORBIDDEN', details = {} } = mood;
      return answer(status, { error: { code, details } });
    }
    if (typeof mood === 'object' && batch.items.some(mood.refuses)) return answer(422, { code: 'INVALID_INPUT' });
    const gap = this.commit(batch);
    if (mood === 'loses answers') return void response.destroy();
    answer(gap ? 409 : 200, { committedSequence: this.committed.get(batch.streamId) ?? 0 });
  }

  private commit(batch: UplinkBatch): boolean {
    const before = this.committed.get(batch.streamId) ?? 0;
    const first = batch.items[0]?.sequence ?? before + 1;
    batch.items.forEach((item, index) => {
      if (item.sequence !== first + index)
        throw new Error(`item ${item.sequence} stands at the place of ${first + index}`);
    });
    if (first > before + 1) return true;
    const fresh = batch.items.filter((item) => item.sequence > before);
    this.items.push(...fresh);
    this.committed.set(batch.streamId, before + fresh.length);
    return false;
  }
}
