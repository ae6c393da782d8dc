import type { AddressInfo } from 'node:net';
import { Identity } from '#libs/identity';
import { NestLogger, newId, type Logger } from '#libs/kernel';
import { UPLINK_MAX_BYTES } from '#libs/lane';
import type { Database } from '#libs/persistence';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ContextFactory } from './api/shared/context-factory.js';
import { guardGraphql } from './api/shared/http-gate.js';
import { LIMITS } from './api/shared/limits.js';
import { OperationGate } from './api/shared/operation-gate.js';
import { UplinkDoor } from './ingest/uplink-door.js';
import { AccessWatch } from './live/access-watch.js';
import { LiveHub } from './live/live-hub.js';
import { LiveSocket, type LiveSocketLimits } from './live/live-socket.js';
import { GRAPHIQL_POLICY, graphiqlPage } from './operations/graphiql.js';
import { Metrics } from './operations/metrics.js';
import { encodingFault } from './operations/json-encoding.js';
import { RestErrors } from './operations/rest-errors.js';
import { ServerModule, type ServerParts } from './server.module.js';

export interface ServerOptions extends ServerParts {
  readonly database: Database;
  readonly logger: Logger;
  readonly allowedOrigins?: readonly string[];
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly liveLimits?: Partial<LiveSocketLimits>;
}

/** The service in one process: API, live sockets, ingest. */
export class BoxtrailServer {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly hub: LiveHub,
    private readonly sockets: LiveSocket,
    private readonly access: AccessWatch,
  ) {}

  /** Ready to listen; follows the outbox from now on. */
  static async create({
    database,
    logger,
    allowedOrigins = [],
    liveLimits,
    trustedProxies = [],
    ...parts
  }: ServerOptions): Promise<BoxtrailServer> {
    const adapter = new FastifyAdapter({
      // A batch of a gateway may be larger.
      bodyLimit: LIMITS.requestBytes,
      genReqId: newId,
      forceCloseConnections: 'idle',
      requestTimeout: 60_000,
      connectionTimeout: 75_000,
      keepAliveTimeout: 72_000,
      trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
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
    // What gateways send reaches its door as bytes: who signed them is asked before they are parsed.
    const json = fastify.getDefaultJsonParser('error', 'error');
    adapter.useBodyParser('application/json', false, { bodyLimit: LIMITS.requestBytes }, (request, body, done) => {
      if (request.routeOptions.url?.startsWith('/ingest/') === true) return done(null, body);
      const fault = encodingFault(request.headers['content-type'], body);
      if (fault === null) void json(request, body.toString('utf8'), done);
      else done(fault);
    });
    const app = await NestFactory.create<NestFastifyApplication>(ServerModule.of(database, logger, parts), adapter, {
      logger: new NestLogger(logger.child({}, { level: 'warn' })),
      abortOnError: false,
    });
    app.useGlobalFilters(new RestErrors(logger));
    app.get(UplinkDoor).guard(fastify);
    guardGraphql(fastify, { gate: app.get(OperationGate), contexts: app.get(ContextFactory), logger });
    await app.init();
    await fastify.ready();
    const hub = app.get(LiveHub);
    const access = app.get(AccessWatch);
    const sockets = new LiveSocket(app.getHttpServer(), {
      schema: app.get(GraphQLSchemaHost).schema,
      contexts: app.get(ContextFactory),
      gate: app.get(OperationGate),
      metrics: app.get(Metrics),
      logger,
      access,
      allowedOrigins,
      trustedProxies,
      ...(liveLimits === undefined ? {} : { limits: liveLimits }),
    });
    await access.start();
    await hub.start();
    return new BoxtrailServer(app, hub, sockets, access);
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
    await this.access.stop();
    await this.app.close();
  }
}
