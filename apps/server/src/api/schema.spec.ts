import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DELIVERY_FAULTS } from '#libs/exchange';
import { EVENT_KINDS } from '#libs/journal';
import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { SHIPMENT_COLUMNS } from '#libs/shipments';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  buildSchema,
  findBreakingChanges,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  specifiedScalarTypes,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';
import { ServerModule } from '../server.module.js';
import { ALERT_COLUMNS } from './alert/alert.queries.js';
import { AUDIT_ARCHIVE_COLUMNS, AUDIT_RECORD_COLUMNS } from './audit/audit.queries.js';
import { API_TOKEN_FIELDS } from './api-token/api-token.queries.js';
import { STATUS_BY_FACT } from './container/container.queries.js';
import { DEVICE_COLUMNS, GATEWAY_COLUMNS, REFUSED_INPUT_COLUMNS } from './device/device.queries.js';
import { PAPER_ALERT_COLUMNS, PAPER_COLUMNS, TRANSITION_COLUMNS } from './organisation/organisation.queries.js';
import { GATEWAY_KEY_COLUMNS } from './gateway-key/gateway-key.queries.js';
import { INSPECTION_TARGET_COLUMNS } from './inspection-target/inspection-target.queries.js';
import { PASS_COLUMNS } from './gate-pass/gate-pass.queries.js';
import { GATE_COLUMNS, LANE_COLUMNS, SITE_COLUMNS, ZONE_COLUMNS } from './place/place-book.js';
import { ROLE_NAMES, SCOPE_NAMES } from '#libs/identity';
import { SERVICE_ACCOUNT_FIELDS } from './service-account/service-account.queries.js';
import { SESSION_FIELDS } from './session/session.queries.js';
import { EXPORT, HELD_BY, IN_A_SESSION, NODE_ASKED_BY, OPERATIONS_OF_SCOPE, POLICY } from './shared/policy-table.js';
import { heldTypesOf, operationsOf } from './shared/policy.js';
import { CHANGE_COLUMNS } from './shipment/booking.queries.js';
import { EVENT_COLUMNS } from './tracking-event/tracking-event.queries.js';
import { TRANSACTION_COLUMNS, VISIT_COLUMNS } from './truck-visit/truck-visit.queries.js';
import { UNRESOLVED_COLUMNS } from './unresolved-observation/unresolved-observation.queries.js';
import { WEBHOOK_DELIVERY_COLUMNS, WEBHOOK_ENDPOINT_COLUMNS } from './webhook/webhook.queries.js';
import { ORGANISATION_COLUMNS } from './viewer/organisation.queries.js';
import { GRANT_COLUMNS } from './window/window.queries.js';

/** What a type's rows bring along without a resolver. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  Alert: Object.keys(ALERT_COLUMNS),
  AuditArchive: Object.keys(AUDIT_ARCHIVE_COLUMNS),
  AuditRecord: Object.keys(AUDIT_RECORD_COLUMNS),
  Device: Object.keys(DEVICE_COLUMNS),
  Gate: Object.keys(GATE_COLUMNS),
  GatePass: Object.keys(PASS_COLUMNS),
  Gateway: Object.keys(GATEWAY_COLUMNS),
  GatewayKey: Object.keys(GATEWAY_KEY_COLUMNS),
  InspectionTarget: Object.keys(INSPECTION_TARGET_COLUMNS),
  Lane: Object.keys(LANE_COLUMNS),
  Organisation: Object.keys(ORGANISATION_COLUMNS),
  OrganisationPaper: Object.keys(PAPER_COLUMNS),
  OrganisationTransition: Object.keys(TRANSITION_COLUMNS),
  PaperAlert: Object.keys(PAPER_ALERT_COLUMNS),
  RefusedInput: Object.keys(REFUSED_INPUT_COLUMNS),
  Shipment: Object.keys(SHIPMENT_COLUMNS),
  ShipmentChange: Object.keys(CHANGE_COLUMNS),
  Site: Object.keys(SITE_COLUMNS),
  TrackingEvent: Object.keys(EVENT_COLUMNS),
  TruckVisit: Object.keys(VISIT_COLUMNS),
  UnresolvedObservation: Object.keys(UNRESOLVED_COLUMNS),
  VisitTransaction: Object.keys(TRANSACTION_COLUMNS),
  WindowGrant: Object.keys(GRANT_COLUMNS),
  WebhookDelivery: Object.keys(WEBHOOK_DELIVERY_COLUMNS),
  WebhookEndpoint: Object.keys(WEBHOOK_ENDPOINT_COLUMNS),
  Zone: Object.keys(ZONE_COLUMNS),
  // Made in code, field by field; the end-to-end spec asks for each.
  Asset: ['kind', 'code'],
  AuditActor: ['kind', 'actorId', 'organisationId', 'role'],
  AuditArchivePayload: ['archive'],
  AuditCheck: ['firstSequence', 'lastSequence', 'headSequence', 'headHash', 'brokenAt'],
  InspectionTargetPayload: ['target'],
  ChainLink: ['at', 'kind', 'details'],
  Container: ['number', 'sizeType'],
  ContainerPlace: ['longitude', 'latitude', 'at'],
  ContainerProposal: ['containerNumber', 'because'],
  Leg: ['ordinal', 'mode', 'fromPlace', 'toPlace', 'vessel', 'voyage'],
  Milestone: ['ordinal', 'code', 'plannedAt', 'actualAt', 'reached', 'reachedBy'],
  MilestoneReached: ['containerNumber'],
  PageInfo: ['hasNextPage', 'endCursor'],
  SandboxRun: ['script', 'containerNumber', 'truckPlate', 'sealNumber', 'shipmentReference', 'journalCursor'],
  SandboxScriptSheet: ['script', 'plays', 'playsZh', 'expects'],
  RunSandboxScriptPayload: ['run'],
  PassDecision: ['verdict', 'by', 'reason', 'at'],
  ShipmentContainer: ['number', 'fullness', 'leftAt', 'windowFrom', 'windowTo'],
  ShipmentParty: ['role'],
  ApiToken: API_TOKEN_FIELDS,
  Membership: ['organisationId', 'organisationName', 'organisationNameZh', 'role'],
  ServiceAccount: SERVICE_ACCOUNT_FIELDS,
  Session: SESSION_FIELDS,
  Viewer: ['kind', 'displayName', 'role', 'scopes', 'secondFactor'],
  AcknowledgeAlertPayload: ['alert'],
  OrganisationPayload: ['organisation'],
  ReleaseContainerPayload: ['container'],
  AddPersonPayload: ['personId', 'code'],
  CloseServiceAccountPayload: ['serviceAccount'],
  ConfirmSecondFactorPayload: ['recoveryCodes', 'session'],
  CreateApiTokenPayload: ['token', 'apiToken'],
  CreateServiceAccountPayload: ['serviceAccount'],
  ErasePersonPayload: ['personId'],
  OfferSecondFactorPayload: ['secret', 'uri'],
  ChangePersonPayload: ['personId'],
  ChangeGatewayKeyPayload: ['key'],
  EnrolGatewayPayload: ['code', 'expiresAt'],
  RevokeGatewayKeysPayload: ['keys'],
  ReportPassPayload: ['pass'],
  ShipmentPayload: ['shipment'],
  SplitShipmentPayload: ['shipment', 'split'],
  WindowGrantPayload: ['grant'],
  RequestCertificateNoncePayload: ['nonce', 'expiresAt'],
  RequestPhoneCodePayload: ['expiresAt'],
  ResetCredentialsPayload: ['code'],
  RevokeApiTokenPayload: ['apiToken'],
  RevokeSessionsPayload: ['ended'],
  SignInPayload: ['token', 'endsAt', 'secondFactor', 'organisationId', 'role', 'memberships'],
  ResolveObservationPayload: ['observation', 'events'],
  CreateWebhookPayload: ['endpoint', 'secret'],
  ReplaceWebhookSecretPayload: ['endpoint', 'secret'],
  WebhookPayload: ['endpoint'],
};

/** What has no description: `Type`, `Type.field`, `Type.field(argument)`. */
function undescribed(described: GraphQLSchema): string[] {
  const names: string[] = [];
  const note = (name: string, { description }: { readonly description?: string | null | undefined }): void => {
    if ((description ?? '').trim() === '') names.push(name);
  };
  for (const type of Object.values(described.getTypeMap())) {
    if (type.name.startsWith('__') || (isScalarType(type) && specifiedScalarTypes.includes(type))) continue;
    note(type.name, type);
    if (isEnumType(type)) type.getValues().forEach((value) => note(`${type.name}.${value.name}`, value));
    if (isInputObjectType(type)) {
      Object.values(type.getFields()).forEach((field) => note(`${type.name}.${field.name}`, field));
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      note(`${type.name}.${field.name}`, field);
      field.args.forEach((arg) => note(`${type.name}.${field.name}(${arg.name})`, arg));
    }
  }
  return names;
}

let app: NestFastifyApplication;
let schema: GraphQLSchema;

beforeAll(async () => {
  // Nothing is asked: no connection is opened.
  const nowhere = new Database({ app: 'postgres://nowhere', ingest: 'postgres://nowhere' });
  const testing = await Test.createTestingModule({
    imports: [ServerModule.of(nowhere, createLogger('spec', 'silent'))],
  }).compile();
  app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  schema = app.get(GraphQLSchemaHost).schema;
}, 30_000);

afterAll(() => app.close());

const enumValues = (name: string): string[] => {
  const type = schema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
};

describe('the schema', () => {
  it('has a resolver for every operation', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const missing = roots.flatMap((type) =>
      Object.values(type?.getFields() ?? {}).filter((field) => (field.subscribe ?? field.resolve) === undefined),
    );
    expect(missing.map((field) => field.name)).toEqual([]);
  });

  it('has a resolver or a row’s field for every field of every type', () => {
    const missing = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => !type.name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(type.name))
      .flatMap((type) => {
        // Connections and edges are made by connection.ts, all alike.
        const row = /(?:Connection|Edge)$/.test(type.name)
          ? ['edges', 'nodes', 'pageInfo', 'cursor', 'node']
          : (ROWS[type.name] ?? []);
        return Object.values(type.getFields())
          .filter((field) => field.resolve === undefined && !row.includes(field.name))
          .map((field) => `${type.name}.${field.name}`);
      });
    expect(missing).toEqual([]);
  });

  it('bounds every list that can grow: a connection takes first, and its default is within the maximum', () => {
    for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        if (!getNamedType(field.type).name.endsWith('Connection')) continue;
        const first = field.args.find((arg) => arg.name === 'first');
        expect([
          `${type.name}.${field.name}`,
          Number(first?.defaultValue) >= 1 && Number(first?.defaultValue) <= 200,
        ]).toEqual([`${type.name}.${field.name}`, true]);
      }
    }
  });

  it('says of every scalar of its own where it is specified', () => {
    const silent = Object.values(schema.getTypeMap())
      .filter((type) => isScalarType(type) && !specifiedScalarTypes.includes(type))
      .filter((type) => !/^https:/.test((type as GraphQLScalarType).specifiedByURL ?? ''));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('describes every type, field, argument, input field and value of an enum', () => {
    expect(undescribed(schema)).toEqual([]);
  });

  it('names the journal’s kinds and no others', () => {
    expect(enumValues('EventKind').toSorted()).toEqual(Object.keys(EVENT_KINDS).toSorted());
  });

  it('names no status that a fact cannot lead to, besides not having been seen', () => {
    expect(new Set(enumValues('ContainerStatus'))).toEqual(
      new Set(['NOT_SEEN', ...STATUS_BY_FACT.map((fact) => fact.status)]),
    );
  });

  it('says every word by which a webhook’s log tells that nobody answered', () => {
    const said = schema.getType('WebhookDelivery') as GraphQLObjectType;
    const words = said.getFields()['lastError']?.description ?? '';
    expect([...words.matchAll(/`(\w+)`/g)].map(([, word]) => word)).toEqual([...Object.keys(DELIVERY_FAULTS), 'OTHER']);
  });

  it('has a policy row for every operation, and the policy names nothing else at the roots', () => {
    const operations = operationsOf(schema);
    expect(operations.filter((operation) => POLICY[operation] === undefined)).toEqual([]);
    const named = Object.keys(POLICY).filter((name) => /^(?:Query|Mutation|Subscription)\./.test(name));
    expect(named.toSorted()).toEqual([...operations].toSorted());
  });

  it('has every operation under one scope, but for those that are for anybody or of a session alone', () => {
    const free = operationsOf(schema).filter(
      (operation) => 'NOBODY' in (POLICY[operation] ?? {}) || IN_A_SESSION.has(operation),
    );
    const scoped = Object.values(OPERATIONS_OF_SCOPE).flat();
    expect([...scoped, ...free].toSorted()).toEqual([...operationsOf(schema), EXPORT].toSorted());
    expect(Object.keys(OPERATIONS_OF_SCOPE)).toEqual(SCOPE_NAMES);
  });

  it('has a policy row for every type that carries somebody’s rows, and no other', () => {
    expect(Object.keys(HELD_BY).toSorted()).toEqual(heldTypesOf(schema).toSorted());
  });

  it('has an operation of the policy behind every node that is found by its id', () => {
    expect(Object.values(NODE_ASKED_BY).filter((operation) => POLICY[operation] === undefined)).toEqual([]);
  });

  it('lets every role ask who it is, and no operation be asked by nobody', () => {
    expect(Object.keys(POLICY['Query.viewer'] ?? {})).toEqual(ROLE_NAMES);
    expect(Object.entries(POLICY).filter(([, rule]) => Object.keys(rule).length === 0)).toEqual([]);
  });

  it('breaks nothing that was promised, but for what is declared', () => {
    const docs = resolve(import.meta.dirname, '../../../../docs');
    const promised = buildSchema(readFileSync(resolve(docs, 'schema.promised.graphql'), 'utf8'));
    const declared = JSON.parse(readFileSync(resolve(docs, 'breaking-changes.json'), 'utf8')) as { change: string }[];
    const broken = findBreakingChanges(promised, schema).map(({ description }) => description);
    expect(broken.toSorted()).toEqual(declared.map(({ change }) => change).toSorted());
  });

  it('has generated types that are not stale', () => {
    const root = resolve(import.meta.dirname, '../../../..');
    expect(() =>
      execFileSync(process.execPath, ['bin/generate.mjs', '--check'], { cwd: root, stdio: 'pipe' }),
    ).not.toThrow();
  });
});
