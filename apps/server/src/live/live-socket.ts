import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import proxyAddr from '@fastify/proxy-addr';
import { DomainError, type Logger } from '#libs/kernel';
import { GraphQLError, parse, validate, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { formatGraphqlError } from '../api/shared/api-error.js';
import type { ContextFactory } from '../api/shared/context-factory.js';
import { LIMITS } from '../api/shared/limits.js';
import type { OperationGate } from '../api/shared/operation-gate.js';
import type { RequestContext } from '../api/shared/request-context.js';
import { caseNumberIn } from '../audit/case-number.js';
import type { Metrics } from '../operations/metrics.js';
import type { AccessChange, AccessWatch } from './access-watch.js';
import { StandingSocket } from './standing-socket.js';

export interface LiveSocketLimits {
  /** Of all principals together, those included that have not said who they are. */
  readonly sockets: number;
  readonly socketsPerPerson: number;
  readonly subscriptionsPerSocket: number;
  readonly maxMessageBytes: number;
  readonly initTimeoutMs: number;
  readonly pingMs: number;
  /** How often a socket's token is looked at again, besides at once when a right of its holder is taken. */
  readonly recheckMs: number;
}

export const LIVE_SOCKET_LIMITS: LiveSocketLimits = {
  sockets: 20_000,
  socketsPerPerson: 100,
  subscriptionsPerSocket: 50,
  maxMessageBytes: LIMITS.requestBytes,
  initTimeoutMs: 10_000,
  pingMs: 15_000,
  recheckMs: 10_000,
};

interface LiveSocketOptions {
  readonly schema: GraphQLSchema;
  readonly contexts: ContextFactory;
  readonly gate: OperationGate;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly access: AccessWatch;
  /** Further origins besides the host itself: `https://console.example`. */
  readonly allowedOrigins: readonly string[];
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly limits?: Partial<LiveSocketLimits>;
}

/** What a socket carries from its init on. */
interface Extra extends Record<PropertyKey, unknown> {
  readonly socket: WebSocket;
  readonly address: string;
  authorization?: string;
  caseNumber?: string;
  /** From the acknowledged init on. */
  standing?: StandingSocket;
}

type LiveContext = Context<Record<string, unknown>, Extra>;

const PATH = '/graphql';

/** graphql-ws (protocol graphql-transport-ws) on upgrades of our HTTP server, and nothing else on any upgrade. */
export class LiveSocket {
  private readonly limits: LiveSocketLimits;
  private readonly server: WebSocketServer;
  private readonly socketsOfPerson = new Map<string, number>();
  private readonly standing = new Set<StandingSocket>();
  /** Those that have not said who they are, oldest first. */
  private readonly strangers = new Set<WebSocket>();
  private isClosing = false;

  constructor(
    http: Server,
    private readonly options: LiveSocketOptions,
  ) {
    this.limits = { ...LIVE_SOCKET_LIMITS, ...options.limits };
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      maxPayload: this.limits.maxMessageBytes,
      perMessageDeflate: false,
      handleProtocols,
    });
    this.server.on('error', (error) => options.logger.warn({ err: error }, 'WebSocket server'));
    this.server.on('wsClientError', (error) => options.logger.debug({ err: error }, 'a WebSocket handshake failed'));
    const protocol = this.protocol();
    const trusted = proxyAddr.compile([...options.trustedProxies]);
    this.server.on('connection', (socket: WebSocket, request: IncomingMessage) =>
      // without one the peer is gone already
      this.open(socket, request.socket.remoteAddress === undefined ? '' : proxyAddr(request, trusted), protocol),
    );
    options.access.onChange((change) => this.recheck(change));
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.onUpgrade(request, socket, head),
    );
  }

  /** Tells each client that we go, then ends. */
  close(): Promise<void> {
    // The listener stays: an upgrade that nobody listens for would be answered as an ordinary GET.
    this.isClosing = true;
    for (const socket of this.server.clients) socket.close(1001, 'Going away');
    const impatient = setTimeout(() => this.server.clients.forEach((socket) => socket.terminate()), 1_000);
    return new Promise((resolve) => {
      this.server.close(() => {
        clearTimeout(impatient);
        resolve();
      });
    });
  }

  private onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that resets during the handshake emits an error here; without a listener it would end the process.
    socket.on('error', (error) => this.options.logger.debug({ err: error }, 'an upgraded socket failed'));
    if (this.isClosing) return this.refuse(socket, 503, 'Service Unavailable');
    if (pathOf(request) !== PATH) return this.refuse(socket, 404, 'Not Found');
    if (!this.originAllowed(request)) return this.refuse(socket, 403, 'Forbidden');
    if (this.server.clients.size >= this.limits.sockets && !this.makeRoom()) {
      this.options.logger.warn({ limit: this.limits.sockets }, 'no more WebSockets are taken');
      return this.refuse(socket, 503, 'Service Unavailable');
    }
    this.server.handleUpgrade(request, socket, head, (client) => this.server.emit('connection', client, request));
  }

  /** Whoever has said nothing longest goes first: idle strangers keep nobody out. */
  private makeRoom(): boolean {
    const [oldest] = this.strangers;
    if (oldest === undefined) return false;
    this.strangers.delete(oldest);
    oldest.terminate();
    return true;
  }

  private refuse(socket: Duplex, status: number, reason: string): void {
    this.options.metrics.refusedUpgrades.inc({ status });
    socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
      socket.destroy(),
    );
  }

  /** A browser always says where its page came from; other programs need not. */
  private originAllowed({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true;
    if (this.options.allowedOrigins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  private open(socket: WebSocket, address: string, protocol: ReturnType<LiveSocket['protocol']>): void {
    const { logger, metrics } = this.options;
    metrics.sockets.inc();
    this.strangers.add(socket);
    const extra: Extra = { socket, address };
    let heard = true;
    const ping = setInterval(() => {
      if (!heard) return socket.terminate();
      heard = false;
      socket.ping();
    }, this.limits.pingMs);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves when the bytes are out: a slow reader holds its own queue, and the queue has a bound.
        send: (data) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            socket.send(data, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (data: Buffer) => {
            take(data.toString('utf8')).catch((error: unknown) => {
              logger.warn({ err: error }, 'a WebSocket message could not be handled');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      extra,
    );
    socket.on('pong', () => (heard = true));
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket failed'));
    socket.once('close', (code, reason) => {
      clearInterval(ping);
      metrics.sockets.dec();
      this.strangers.delete(socket);
      this.forget(extra.standing);
      closed(code, reason.toString('utf8')).catch((error: unknown) =>
        logger.warn({ err: error }, 'closing a WebSocket'),
      );
    });
  }

  private protocol() {
    const { schema, contexts, gate, logger } = this.options;
    const format = (errors: readonly GraphQLError[]) =>
      errors.map((error) => formatGraphqlError(error.toJSON(), error, logger));
    return makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: this.limits.initTimeoutMs,
      onConnect: (context) => this.connect(context),
      onSubscribe: async (context, _id, payload): Promise<ExecutionArgs | readonly GraphQLError[]> => {
        if (Object.keys(context.subscriptions).length > this.limits.subscriptionsPerSocket) {
          return [
            wrapped(
              new DomainError('LIMIT_EXCEEDED', {
                limit: 'subscriptions of one socket',
                expected: `at most ${this.limits.subscriptionsPerSocket}`,
              }),
            ),
          ];
        }
        try {
          const contextValue: RequestContext = await contexts.create(
            context.extra.authorization,
            context.extra.address,
            { caseNumber: context.extra.caseNumber },
          );
          await gate.take(contextValue.payer);
          const text = gate.textOf(payload) ?? '';
          const document = parse(text, { maxTokens: LIMITS.tokens });
          const errors = validate(schema, document);
          if (errors.length > 0) return errors;
          const { operationName, variables } = payload;
          await gate.take(contextValue.payer, gate.furtherPoints(schema, document, operationName, variables));
          return {
            schema,
            document,
            contextValue,
            operationName: payload.operationName ?? null,
            variableValues: payload.variables ?? null,
          };
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          if (error instanceof DomainError) return [wrapped(error)];
          throw error;
        }
      },
      onError: (_context, _id, _payload, errors) => format(errors),
      onNext: async ({ extra }, _id, _payload, _args, { errors, data }) => {
        await extra.standing?.settled();
        return errors === undefined ? undefined : { data: data ?? null, errors: format(errors) };
      },
    });
  }

  /** The token stands in the init's `authorization`, as an HTTP header would hold it; GraphiQL sends it under `headers`. */
  private async connect(context: LiveContext): Promise<boolean> {
    const { extra } = context;
    const authorization = authorizationIn(context.connectionParams);
    try {
      const reader = await this.options.contexts.reader(authorization);
      const { personId } = reader.principal;
      const open = this.socketsOfPerson.get(personId) ?? 0;
      if (open >= this.limits.socketsPerPerson) {
        extra.socket.close(4429, 'Too many sockets of one person');
        return false;
      }
      if (extra.socket.readyState !== extra.socket.OPEN) return false;
      this.strangers.delete(extra.socket);
      this.socketsOfPerson.set(personId, open + 1);
      extra.standing = new StandingSocket(extra.socket, reader, this.limits.recheckMs, () =>
        this.options.contexts.reader(authorization),
      );
      this.standing.add(extra.standing);
      if (authorization !== undefined) extra.authorization = authorization;
      const caseNumber = caseNumberIn(context.connectionParams);
      if (caseNumber !== undefined) extra.caseNumber = caseNumber;
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.category === 'UNAVAILABLE') {
        extra.socket.close(1013, 'Try again later');
        return false;
      }
      if (error instanceof DomainError) {
        extra.socket.close(CloseCode.Forbidden, error.code);
        return false;
      }
      throw error;
    }
  }

  /** Looks at once at the sockets of whoever lost a right; what a company sees is asked anew for each event anyway. */
  private recheck(change: AccessChange): void {
    if (change.whom === 'WINDOWS') return;
    for (const socket of this.standing) if (socket.isOf(change)) socket.check();
  }

  private forget(standing: StandingSocket | undefined): void {
    if (standing === undefined) return;
    standing.end();
    this.standing.delete(standing);
    const { personId } = standing;
    const left = (this.socketsOfPerson.get(personId) ?? 1) - 1;
    if (left > 0) this.socketsOfPerson.set(personId, left);
    else this.socketsOfPerson.delete(personId);
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function authorizationIn(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const nested = params?.['headers'];
  const places = [
    params,
    typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>) : undefined,
  ];
  for (const place of places) {
    const value = place?.['authorization'] ?? place?.['Authorization'];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

function wrapped(originalError: DomainError): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
