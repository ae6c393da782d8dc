import type { AddressInfo } from 'node:net';
import { Identity } from '#libs/identity';
import { NestLogger, type Logger } from '#libs/kernel';
import { UPLINK_MAX_BYTES } from '#libs/lane';
import type { Database } from '#libs/persistence';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { errorExtensions, toDomainError } from './api/shared/api-error.js';
import { ContextFactory } from './api/shared/context-factory.js';
import { refuseUnbounded } from './api/shared/limits.js';
import type { CredentialOptions } from './credentials.js';
import { LiveHub } from './live/live-hub.js';
import { LiveSocket, type LiveSocketLimits } from './live/live-socket.js';
import { GRAPHIQL_POLICY, graphiqlPage } from './operations/graphiql.js';
import { Metrics } from './operations/metrics.js';
import { RestErrors } from './operations/rest-errors.js';
import { ServerModule } from './server.module.js';

/** Documents and their variables; a batch of a gateway may be larger. */
const GRAPHQL_MAX_BYTES = 256 * 1024;

export interface ServerOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly allowedOrigins?: readonly string[];
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly liveLimits?: Partial<LiveSocketLimits>;
  readonly credentials?: CredentialOptions;
}

function documentOf(holder: unknown): string | undefined {
  return typeof holder === 'object' && holder !== null && 'query' in holder && typeof holder.query === 'string'
    ? holder.query
    : undefined;
}

/** The service in one process: API, live sockets, ingest. */
export class BoxtrailServer {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly hub: LiveHub,
    private readonly sockets: LiveSocket,
  ) {}

  /** Ready to listen; follows the outbox from now on. */
  static async create({
    database,
    logger,
    allowedOrigins = [],
    trustedProxies = [],
    liveLimits,
    credentials,
  }: ServerOptions): Promise<BoxtrailServer> {
    const adapter = new FastifyAdapter({
      bodyLimit: GRAPHQL_MAX_BYTES,
      trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
      forceCloseConnections: 'idle',
      requestTimeout: 60_000,
      connectionTimeout: 75_000,
      keepAliveTimeout: 72_000,
    });
    const fastify = adapter.getInstance();
    fastify.addHook('onRoute', (route) => {
      if (route.url.startsWith('/ingest/')) route.bodyLimit = UPLINK_MAX_BYTES;
    });
    fastify.addHook('onRequest', async (request, reply) => {
      void reply.header('x-content-type-options', 'nosniff');
      const [path] = request.url.split('?');
      const wantsPage =
        request.method === 'GET' && path === '/graphql' && (request.headers.accept ?? '').includes('text/html');
      if (!wantsPage) return;
      await reply
        .header('content-security-policy', GRAPHIQL_POLICY)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(await graphiqlPage());
    });
    fastify.addHook('preHandler', async (request, reply) => {
      if (request.routeOptions.url !== '/graphql') return;
      const query = documentOf(request.body) ?? documentOf(request.query);
      if (query === undefined) return;
      try {
        refuseUnbounded(query);
      } catch (error) {
        const refused = toDomainError(error, logger);
        await reply.status(400).send({ errors: [{ message: refused.message, extensions: errorExtensions(refused) }] });
      }
    });
    const app = await NestFactory.create<NestFastifyApplication>(
      ServerModule.of(database, logger, credentials),
      adapter,
      {
        logger: new NestLogger(logger.child({}, { level: 'warn' })),
        abortOnError: false,
      },
    );
    app.useGlobalFilters(new RestErrors(logger));
    await app.init();
    await fastify.ready();
    const hub = app.get(LiveHub);
    const sockets = new LiveSocket(app.getHttpServer(), {
      schema: app.get(GraphQLSchemaHost).schema,
      contexts: app.get(ContextFactory),
      metrics: app.get(Metrics),
      logger,
      allowedOrigins,
      ...(liveLimits === undefined ? {} : { limits: liveLimits }),
    });
    await hub.start();
    return new BoxtrailServer(app, hub, sockets);
  }

  get metrics(): Metrics {
    return this.app.get(Metrics);
  }

  get identity(): Identity {
    return this.app.get(Identity);
  }

  /** @returns the address that people open */
  async listen(port: number, host: string): Promise<string> {
    await this.app.listen(port, host);
    const { address, port: given, family } = this.app.getHttpServer().address() as AddressInfo;
    const shown =
      address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
    return `http://${shown}:${given}`;
  }

  /** Takes nothing new, finishes what is under way, and ends. The database is the caller's. */
  async close(): Promise<void> {
    await this.sockets.close();
    await this.hub.stop();
    await this.app.close();
  }
}
