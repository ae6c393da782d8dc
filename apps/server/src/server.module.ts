import type { Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { GateCommands, Ingest } from '#libs/tracking';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { AlertResolver } from './api/alert/alert.resolver.js';
import { ChainLinkResolver, ContainerPlaceResolver, ContainerResolver } from './api/container/container.resolver.js';
import { DeviceResolver, GatewayResolver } from './api/device/device.resolver.js';
import { GatePassResolver } from './api/gate-pass/gate-pass.resolver.js';
import { PlaceBook } from './api/place/place-book.js';
import { GateResolver, LaneResolver, PlaceResolver, ZoneResolver } from './api/place/place.resolver.js';
import { readSchema } from './api/schema.files.js';
import { ApiTokenResolver } from './api/api-token/api-token.resolver.js';
import { PersonResolver } from './api/person/person.resolver.js';
import { SecondFactorResolver } from './api/second-factor/second-factor.resolver.js';
import { ServiceAccountResolver } from './api/service-account/service-account.resolver.js';
import { SessionResolver } from './api/session/session.resolver.js';
import { OidcController } from './api/sign-in/oidc.controller.js';
import { SignInResolver } from './api/sign-in/sign-in.resolver.js';
import { formatGraphqlError } from './api/shared/api-error.js';
import { ContextFactory } from './api/shared/context-factory.js';
import { MAX_TOKENS } from './api/shared/limits.js';
import { NODE_RESOLVERS } from './api/shared/nodes.js';
import { enforcePolicy } from './api/shared/policy.js';
import { SCALARS } from './api/shared/scalars.js';
import { SharedResolver } from './api/shared/shared.resolver.js';
import { refuseUnstorableText } from './api/shared/storable-text.js';
import {
  MilestoneReachedResolver,
  MilestoneResolver,
  ShipmentContainerResolver,
  ShipmentPartyResolver,
  ShipmentResolver,
} from './api/shipment/shipment.resolver.js';
import { TrackingEventResolver } from './api/tracking-event/tracking-event.resolver.js';
import { TruckVisitResolver, VisitTransactionResolver } from './api/truck-visit/truck-visit.resolver.js';
import { UnresolvedObservationResolver } from './api/unresolved-observation/unresolved-observation.resolver.js';
import { ViewerResolver } from './api/viewer/viewer.resolver.js';
import { CommandDesk } from './commands/command-desk.js';
import { credentialProviders, type CredentialOptions } from './credentials.js';
import { IngestController } from './ingest/ingest.controller.js';
import { LiveHub } from './live/live-hub.js';
import { Housekeeping } from './operations/housekeeping.js';
import { LOGGER } from './operations/logger.token.js';
import { Metrics } from './operations/metrics.js';
import { OperationsController } from './operations/operations.controller.js';

/** What comes from outside of Nest, and what many parts share. */
@Global()
@Module({})
class GroundModule {
  static of(database: Database, logger: Logger, credentials: CredentialOptions): DynamicModule {
    const ingest = new Ingest(database);
    const providers = [
      { provide: Database, useValue: database },
      { provide: LOGGER, useValue: logger },
      { provide: PlaceBook, useValue: new PlaceBook(database) },
      { provide: Ingest, useValue: ingest },
      { provide: GateCommands, useValue: new GateCommands(ingest) },
      Metrics,
      ContextFactory,
      LiveHub,
      CommandDesk,
      ...credentialProviders(credentials),
    ];
    return { module: GroundModule, providers, exports: providers };
  }
}

/** Every resolver is a class of its own; none inherits from another. */
const RESOLVERS = [
  AlertResolver,
  ApiTokenResolver,
  ChainLinkResolver,
  ContainerPlaceResolver,
  ContainerResolver,
  DeviceResolver,
  GatePassResolver,
  GateResolver,
  GatewayResolver,
  LaneResolver,
  MilestoneReachedResolver,
  MilestoneResolver,
  PersonResolver,
  PlaceResolver,
  SecondFactorResolver,
  ServiceAccountResolver,
  SessionResolver,
  SharedResolver,
  ShipmentContainerResolver,
  ShipmentPartyResolver,
  ShipmentResolver,
  SignInResolver,
  TrackingEventResolver,
  TruckVisitResolver,
  UnresolvedObservationResolver,
  ViewerResolver,
  VisitTransactionResolver,
  ZoneResolver,
];

@Module({})
export class ServerModule {
  static of(database: Database, logger: Logger, credentials: CredentialOptions = {}): DynamicModule {
    return {
      module: ServerModule,
      imports: [
        GroundModule.of(database, logger, credentials),
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [ContextFactory],
          useFactory: (contexts: ContextFactory): ApolloDriverConfig => ({
            path: '/graphql',
            typeDefs: readSchema(),
            resolvers: { ...SCALARS, ...NODE_RESOLVERS },
            transformSchema: (schema) => enforcePolicy(refuseUnstorableText(schema)),
            context: (request: FastifyRequest) => contexts.create(request.headers.authorization, request.ip),
            formatError: (formatted, error) => formatGraphqlError(formatted, error, logger),
            autoTransformHttpErrors: false,
            graphiql: false,
            introspection: true,
            includeStacktraceInErrorResponses: false,
            // Clients send documents, not hashes of documents.
            persistedQueries: false,
            parseOptions: { maxTokens: MAX_TOKENS },
            csrfPrevention: true,
            stopOnTerminationSignals: false,
          }),
        }),
      ],
      controllers: [IngestController, OidcController, OperationsController],
      providers: [...RESOLVERS, Housekeeping],
    };
  }
}
