import { randomBytes } from 'node:crypto';
import { AuditTrail } from '#libs/audit';
import { MachineKeys, SecretBox } from '#libs/identity';
import type { Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { GateCommands, Ingest } from '#libs/tracking';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { AlertResolver } from './api/alert/alert.resolver.js';
import { AuditArchiveResolver, AuditRecordResolver } from './api/audit/audit.resolver.js';
import { ChainLinkResolver, ContainerResolver } from './api/container/container.resolver.js';
import { DeviceResolver, GatewayResolver } from './api/device/device.resolver.js';
import { GatewayKeyResolver } from './api/gateway-key/gateway-key.resolver.js';
import { GatePassResolver } from './api/gate-pass/gate-pass.resolver.js';
import { InspectionTargetResolver } from './api/inspection-target/inspection-target.resolver.js';
import {
  OrganisationPaperResolver,
  OrganisationResolver,
  OrganisationTransitionResolver,
  PaperAlertResolver,
} from './api/organisation/organisation.resolver.js';
import { PlaceBook } from './api/place/place-book.js';
import { PLACE_FIELDS } from './api/place/place-fields.js';
import { GateResolver, LaneResolver, PlaceResolver } from './api/place/place.resolver.js';
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
import { describeSchema } from './api/shared/descriptions.js';
import { LIMITS } from './api/shared/limits.js';
import { OperationGate, type GateOptions } from './api/shared/operation-gate.js';
import { pricing } from './api/shared/pricing.js';
import { NODE_RESOLVERS } from './api/shared/nodes.js';
import { enforcePolicy } from './api/shared/policy.js';
import { SCALARS } from './api/shared/scalars.js';
import { SharedResolver } from './api/shared/shared.resolver.js';
import { refuseUnstorableText } from './api/shared/storable-text.js';
import { BookingResolver, ShipmentChangeResolver } from './api/shipment/booking.resolver.js';
import { SandboxResolver } from './api/sandbox/sandbox.resolver.js';
import {
  MilestoneReachedResolver,
  ShipmentContainerResolver,
  ShipmentPartyResolver,
  ShipmentResolver,
} from './api/shipment/shipment.resolver.js';
import { TrackingEventResolver } from './api/tracking-event/tracking-event.resolver.js';
import { TruckVisitResolver, VisitTransactionResolver } from './api/truck-visit/truck-visit.resolver.js';
import { UnresolvedObservationResolver } from './api/unresolved-observation/unresolved-observation.resolver.js';
import { WebhookDeliveryResolver, WebhookEndpointResolver } from './api/webhook/webhook.resolver.js';
import { ViewerResolver } from './api/viewer/viewer.resolver.js';
import { AuditArchiveController } from './audit/audit-archive.controller.js';
import { AuditDesk } from './commands/audit-desk.js';
import { WindowGrantResolver } from './api/window/window.resolver.js';
import { CommandDesk } from './commands/command-desk.js';
import { OrganisationDesk } from './commands/organisation-desk.js';
import { ShipmentDesk } from './commands/shipment-desk.js';
import { credentialProviders, type CredentialOptions } from './credentials.js';
import { MachineDesk } from './commands/machine-desk.js';
import { TargetDesk } from './commands/target-desk.js';
import { EnrolController } from './ingest/enrol.controller.js';
import { ExportController } from './exports/export.controller.js';
import { IngestController } from './ingest/ingest.controller.js';
import { MachineAlarms } from './ingest/machine-alarms.js';
import { UPLINK_AUTH, UplinkDoor, type UplinkAuth } from './ingest/uplink-door.js';
import { AccessWatch } from './live/access-watch.js';
import { LiveHub } from './live/live-hub.js';
import { Housekeeping } from './operations/housekeeping.js';
import { LOGGER } from './operations/logger.token.js';
import { Metrics } from './operations/metrics.js';
import { OperationsController } from './operations/operations.controller.js';
import { SandboxDesk } from './sandbox/sandbox-desk.js';
import { WebhookWorker } from './webhooks/webhook-worker.js';
import { webhookProviders, type WebhookOptions } from './webhooks/webhook.providers.js';

/** How parts of the service are set; each has its defaults. */
export interface ServerParts {
  readonly gate?: GateOptions;
  readonly webhooks?: WebhookOptions;
  /** Opens the secrets in the database; absent: one of this process's own. */
  readonly secrets?: SecretBox;
  readonly uplinkAuth?: UplinkAuth;
  readonly credentials?: CredentialOptions;
}

/** What comes from outside of Nest, and what many parts share. */
@Global()
@Module({})
class GroundModule {
  static of(database: Database, logger: Logger, parts: ServerParts): DynamicModule {
    const {
      gate,
      webhooks = {},
      secrets = new SecretBox(randomBytes(32)),
      uplinkAuth = 'signed',
      credentials = {},
    } = parts;
    const ingest = new Ingest(database);
    const providers = [
      { provide: Database, useValue: database },
      { provide: LOGGER, useValue: logger },
      { provide: AuditTrail, useValue: new AuditTrail(database, logger) },
      { provide: PlaceBook, useValue: new PlaceBook(database) },
      { provide: Ingest, useValue: ingest },
      { provide: GateCommands, useValue: new GateCommands(ingest) },
      { provide: OperationGate, useValue: new OperationGate(gate) },
      { provide: SecretBox, useValue: secrets },
      { provide: MachineKeys, useValue: new MachineKeys(database, secrets) },
      { provide: UPLINK_AUTH, useValue: uplinkAuth },
      Metrics,
      ContextFactory,
      AccessWatch,
      LiveHub,
      CommandDesk,
      OrganisationDesk,
      ShipmentDesk,
      ...credentialProviders(credentials),
      ...webhookProviders({ box: secrets, ...webhooks }),
    ];
    return { module: GroundModule, providers, exports: providers };
  }
}

/** Every resolver is a class of its own; none inherits from another. */
const RESOLVERS = [
  AlertResolver,
  BookingResolver,
  ApiTokenResolver,
  AuditArchiveResolver,
  AuditRecordResolver,
  ChainLinkResolver,
  ContainerResolver,
  DeviceResolver,
  GatePassResolver,
  GateResolver,
  GatewayKeyResolver,
  GatewayResolver,
  InspectionTargetResolver,
  LaneResolver,
  MilestoneReachedResolver,
  OrganisationPaperResolver,
  OrganisationResolver,
  OrganisationTransitionResolver,
  PaperAlertResolver,
  PersonResolver,
  PlaceResolver,
  SecondFactorResolver,
  ServiceAccountResolver,
  SessionResolver,
  SandboxResolver,
  SharedResolver,
  ShipmentChangeResolver,
  ShipmentContainerResolver,
  ShipmentPartyResolver,
  ShipmentResolver,
  SignInResolver,
  TrackingEventResolver,
  TruckVisitResolver,
  UnresolvedObservationResolver,
  ViewerResolver,
  VisitTransactionResolver,
  WindowGrantResolver,
  WebhookDeliveryResolver,
  WebhookEndpointResolver,
];

@Module({})
export class ServerModule {
  static of(database: Database, logger: Logger, parts: ServerParts = {}): DynamicModule {
    return {
      module: ServerModule,
      imports: [
        GroundModule.of(database, logger, parts),
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [ContextFactory, OperationGate],
          useFactory: (contexts: ContextFactory, operations: OperationGate): ApolloDriverConfig => ({
            path: '/graphql',
            typeDefs: readSchema(),
            resolvers: { ...SCALARS, ...fieldsOfEach(NODE_RESOLVERS, PLACE_FIELDS) },
            transformSchema: (schema) => describeSchema(enforcePolicy(refuseUnstorableText(schema)), readSchema()),
            context: (request: FastifyRequest) => contexts.of(request),
            // Nothing of an answer is shared: `cache-control: no-store` is the HTTP gate's word, and no field is watched for it.
            plugins: [pricing(operations), ApolloServerPluginCacheControlDisabled()],
            formatError: (formatted, error) => formatGraphqlError(formatted, error, logger),
            autoTransformHttpErrors: false,
            graphiql: false,
            introspection: true,
            includeStacktraceInErrorResponses: false,
            // Listed documents go by `documentId`; a client's own hashes are not kept.
            persistedQueries: false,
            parseOptions: { maxTokens: LIMITS.tokens },
            csrfPrevention: true,
            stopOnTerminationSignals: false,
          }),
        }),
      ],
      controllers: [
        AuditArchiveController,
        EnrolController,
        ExportController,
        IngestController,
        OidcController,
        OperationsController,
      ],
      providers: [
        ...RESOLVERS,
        AuditDesk,
        Housekeeping,
        MachineAlarms,
        MachineDesk,
        SandboxDesk,
        TargetDesk,
        UplinkDoor,
        WebhookWorker,
      ],
    };
  }
}

type Fields = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Several tables of types' fields as one. */
function fieldsOfEach(...tables: readonly Fields[]): Fields {
  const types = new Set(tables.flatMap((table) => Object.keys(table)));
  return Object.fromEntries([...types].map((type) => [type, Object.assign({}, ...tables.map((table) => table[type]))]));
}
