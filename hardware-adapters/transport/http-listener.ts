import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeLine, JsonlFramer } from '../jsonl/index.js';
import type { HttpConfig, Transport, TransportEvents } from './contract.js';

const LF = Uint8Array.of(0x0a);
/** POSTs that wait behind the one whose readings are being stored. */
const MAX_WAITING = 32;
const MAX_CONNECTIONS = 128;
/** A device that is slower than this with its head or body is hung up on. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const RETRY_AFTER_S = 5;

interface Exchange {
  readonly response: ServerResponse;
  readonly body: Uint8Array;
  readonly refusals: readonly object[];
  /** Number that the acknowledgement must reach; 0 when the body holds no reading. */
  readonly neededSeq: number;
}

/**
 * Takes POSTs of JSON lines on one path. Each is answered 200 with `{"ack":n}` only after the adapter's acknowledgement
 * was written, which the gateway does after its fsync; refused lines are listed beside it. Posts are told one after the other.
 * 503 with Retry-After: while paused (spool full), when too many wait, or when nothing was stored in time.
 */
export class HttpListenerTransport implements Transport {
  private server: Server | null = null;
  private events: TransportEvents | null = null;
  private waiting: Exchange[] = [];
  private current: { readonly exchange: Exchange; readonly timer: NodeJS.Timeout } | null = null;
  private paused = false;
  private boundPort: number;

  constructor(private readonly config: HttpConfig) {
    this.boundPort = config.port;
  }

  get address(): string {
    return `http ${this.config.host}:${this.boundPort}${this.config.path}`;
  }

  /** The port that the system chose, when the configuration says 0. */
  get port(): number {
    return this.boundPort;
  }

  open(events: TransportEvents): Promise<void> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS });
    server.maxConnections = MAX_CONNECTIONS;
    this.server = server;
    this.events = events;
    server.on('request', (request, response) => this.onRequest(request, response));
    server.on('clientError', (_error, socket) => {
      socket.destroy();
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.config.port, this.config.host, () => {
        server.off('error', reject);
        server.on('error', (error) => {
          if (this.server === server) void this.close().then(() => events.close(error));
        });
        this.boundPort = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    for (const seq of acknowledgedIn(bytes)) {
      const needed = this.current?.exchange.neededSeq ?? 0;
      if (needed > 0 && seq >= needed) this.finish(seq);
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.events = null;
    if (this.current !== null) {
      clearTimeout(this.current.timer);
      tryLater(this.current.exchange.response, 'the gateway stops');
      this.current = null;
    }
    for (const exchange of this.waiting.splice(0)) tryLater(exchange.response, 'the gateway stops');
    if (server === null || !server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    const refuse = (status: number, error: string, headers: Record<string, string> = {}): void => {
      answer(response, status, [{ error }], { ...headers, connection: 'close' });
      request.resume();
    };
    if ((request.url ?? '').split('?', 1)[0] !== this.config.path) return refuse(404, 'not this path');
    if (request.method !== 'POST') return refuse(405, 'POST only', { allow: 'POST' });
    // Devices send no Origin; a web page that posts here across sites does.
    if (request.headers.origin !== undefined) return refuse(403, 'not from a web page');
    if (Number(request.headers['content-length'] ?? 0) > this.config.maxBodyBytes) return refuse(413, this.tooLong());
    if (this.paused) return tryLater(response, 'the spool is full');
    if (this.waiting.length >= MAX_WAITING) return tryLater(response, 'too many wait');

    const parts: Uint8Array[] = [];
    let length = 0;
    request.on('data', (part: Uint8Array) => {
      length += part.length;
      if (length <= this.config.maxBodyBytes) parts.push(part);
      else if (!response.headersSent) refuse(413, this.tooLong());
    });
    request.on('end', () => {
      if (response.headersSent) return;
      if (this.waiting.length >= MAX_WAITING) return tryLater(response, 'too many wait');
      const exchange = exchangeOf(Buffer.concat([...parts, LF]), response);
      if (exchange === null) return refuse(400, 'hello must be the first line');
      this.waiting.push(exchange);
      this.next();
    });
  }

  private next(): void {
    if (this.current !== null || this.events === null) return;
    const exchange = this.waiting.shift();
    if (exchange === undefined) return;
    if (this.paused) {
      tryLater(exchange.response, 'the spool is full');
      this.next();
      return;
    }
    const timer = setTimeout(() => {
      this.current = null;
      tryLater(exchange.response, 'not stored in time');
      this.next();
    }, this.config.ackTimeoutMs);
    this.current = { exchange, timer };
    this.events.data(exchange.body);
    if (exchange.neededSeq === 0 && this.current?.exchange === exchange) this.finish(null);
  }

  private finish(seq: number | null): void {
    if (this.current === null) return;
    const { exchange, timer } = this.current;
    clearTimeout(timer);
    this.current = null;
    const nothingTaken = seq === null && exchange.refusals.length > 0;
    answer(exchange.response, nothingTaken ? 422 : 200, [
      ...(seq === null ? [] : [{ ack: seq }]),
      ...exchange.refusals,
    ]);
    this.next();
  }

  private tooLong(): string {
    return `at most ${this.config.maxBodyBytes} bytes`;
  }
}

/** Which number the body needs acknowledged, by the same framer and codec that the gateway uses; null for a late hello. */
function exchangeOf(body: Uint8Array, response: ServerResponse): Exchange | null {
  const refusals: object[] = [];
  let neededSeq = 0;
  let line = 0;
  for (const output of new JsonlFramer().push(body)) {
    line++;
    const decoded = output.kind === 'frame' ? decodeLine(output.bytes) : { ok: false as const, ...output };
    if (!decoded.ok) {
      refusals.push({ refused: { line, reason: decoded.reason, detail: 'detail' in decoded ? decoded.detail : '' } });
    } else if (decoded.message.kind === 'hello') {
      // A numbering that ends inside a body would leave its readings without an answer.
      if (line > 1) return null;
    } else {
      neededSeq = Math.max(neededSeq, decoded.message.seq);
    }
  }
  return { response, body, refusals, neededSeq };
}

/** Numbers of the `{"ack":n}` lines that the adapter wrote. */
function acknowledgedIn(bytes: Uint8Array): number[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.flatMap((line) => /^\{"ack":(\d+)\}$/.exec(line)?.[1] ?? []).map(Number);
}

function tryLater(response: ServerResponse, error: string): void {
  answer(response, 503, [{ error }], { 'retry-after': String(RETRY_AFTER_S), connection: 'close' });
}

function answer(
  response: ServerResponse,
  status: number,
  lines: readonly object[],
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/x-ndjson', ...headers });
  response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
