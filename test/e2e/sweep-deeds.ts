import type { Role } from '#libs/identity';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { boxNumber } from './graphql-world.js';
import { MEMBER_DEEDS } from './sweep-members.js';
import { planted, type Asker, type Side } from './sweep-world.js';

export interface Deed {
  readonly variables: (side: Side) => object;
  readonly text: string;
  /** Who on its side can do it. */
  readonly own: readonly Role[];
  /** Who on either side. */
  readonly anySide?: readonly Role[];
  /** Who could as well, and would find it done. */
  readonly alsoMay?: (asker: Asker, side: Side) => boolean;
  /** Not aimed at anything: done for one's own side whoever asks. */
  readonly forAll?: true;
}

const COMPANY: readonly Role[] = ['LOGISTICS', 'COMPANY_ADMINISTRATOR'];
const READERS: readonly Role[] = [...COMPANY, 'GATE_OPERATOR', 'PORT_MONITOR', 'CUSTOMS_OFFICER', 'QUARANTINE_OFFICER'];
const webhook = (side: Side): string => globalId('WebhookEndpoint', planted(side).ids.webhook);

/** Whoever runs the system does so for both sides. */
const MACHINES = { own: [], forAll: true } as const;

const target = (name: string): string =>
  `mutation ($id: ID!, $key: IdempotencyKey!) { ${name}(targetId: $id, idempotencyKey: $key) { target { targetId } } }`;

/** Every mutation, aimed at a side; one that has no row here fails the sweep. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  ...MEMBER_DEEDS,
  ping: { text: 'mutation { ping }', variables: () => ({}), own: [], forAll: true },
  reportPass: {
    text: `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) { reportPass(input: $input, idempotencyKey: $key) { pass { id } } }`,
    variables: (side) => ({
      input: {
        lane: planted(side).lane,
        direction: 'IN',
        truck: '浙B24680',
        containers: [],
        occurredAt: new Date(Date.now() - 60_000).toISOString(),
        verdict: 'ACCEPTED',
        reason: 'tag broken',
      },
    }),
    own: ['GATE_OPERATOR'],
  },
  resolveObservation: {
    text: `mutation ($input: ResolveObservationInput!, $key: IdempotencyKey!) { resolveObservation(input: $input, idempotencyKey: $key) { observation { id } } }`,
    variables: (side) => ({
      input: {
        id: globalId('UnresolvedObservation', planted(side).site, planted(side).ids.unresolved),
        container: planted(side).box,
      },
    }),
    own: ['GATE_OPERATOR'],
  },
  acknowledgeAlert: {
    text: `mutation ($id: ID!, $key: IdempotencyKey!) { acknowledgeAlert(id: $id, idempotencyKey: $key) { alert { id } } }`,
    variables: (side) => ({ id: globalId('Alert', planted(side).site, planted(side).ids.alert) }),
    own: ['GATE_OPERATOR'],
  },
  // nobody here is in a sandbox: its own spec has those who are
  runSandboxScript: {
    text: `mutation ($key: IdempotencyKey!) { runSandboxScript(script: REFUSED_PASS, idempotencyKey: $key) { run { truckPlate } } }`,
    variables: () => ({}),
    own: [],
  },
  enrolGateway: {
    text: `mutation ($input: EnrolGatewayInput!, $key: IdempotencyKey!) { enrolGateway(input: $input, idempotencyKey: $key) { code } }`,
    variables: (side) => ({ input: { gateway: planted(side).gateway, site: planted(side).site } }),
    ...MACHINES,
  },
  changeGatewayKey: {
    text: `mutation ($gateway: String!, $key: IdempotencyKey!) { changeGatewayKey(gateway: $gateway, idempotencyKey: $key) { key { keyId } } }`,
    variables: (side) => ({ gateway: planted(side).gateway }),
    ...MACHINES,
  },
  revokeGatewayKeys: {
    text: `mutation ($input: RevokeGatewayKeysInput!, $key: IdempotencyKey!) { revokeGatewayKeys(input: $input, idempotencyKey: $key) { keys { keyId } } }`,
    variables: (side) => ({ input: { gateway: planted(side).gateway, reason: 'lost' } }),
    own: ['SYSTEM_ADMINISTRATOR'],
    alsoMay: ({ role }) => role === 'SYSTEM_ADMINISTRATOR',
  },
  targetContainer: {
    text: `mutation ($input: TargetContainerInput!, $key: IdempotencyKey!) { targetContainer(input: $input, idempotencyKey: $key) { target { targetId } } }`,
    variables: (side) => ({ input: { container: boxNumber(900_101), site: planted(side).site, reason: 'risk' } }),
    own: ['CUSTOMS_OFFICER'],
  },
  withdrawTarget: {
    text: target('withdrawTarget'),
    variables: (side) => ({ id: planted(side).ids.selected }),
    own: ['CUSTOMS_OFFICER'],
  },
  noticeTarget: {
    text: target('noticeTarget'),
    variables: (side) => ({ id: planted(side).ids.target }),
    own: ['CUSTOMS_OFFICER'],
  },
  releaseTarget: {
    text: target('releaseTarget'),
    variables: (side) => ({ id: planted(side).ids.target }),
    own: ['CUSTOMS_OFFICER'],
  },
  offerAuditArchive: {
    text: `mutation ($until: DateTime!, $key: IdempotencyKey!) { offerAuditArchive(until: $until, idempotencyKey: $key) { archive { archiveId } } }`,
    variables: () => ({ until: new Date().toISOString() }),
    own: [],
    forAll: true,
  },
  // who may is told that this archive does not exist: that one removes is shown where archives are
  removeArchivedAudit: {
    text: `mutation ($id: ID!, $key: IdempotencyKey!) { removeArchivedAudit(archiveId: $id, sha256: "${'0'.repeat(64)}", idempotencyKey: $key) { archive { archiveId } } }`,
    variables: (side) => ({ id: planted(side).ids.target }),
    own: [],
  },
  createWebhook: {
    text: `mutation ($input: CreateWebhookInput!, $key: IdempotencyKey!) { createWebhook(input: $input, idempotencyKey: $key) { endpoint { id } } }`,
    variables: () => ({ input: { url: 'https://hooks.example.com/new', description: 'new' } }),
    own: READERS,
    forAll: true,
  },
  replaceWebhookSecret: {
    text: `mutation ($id: ID!, $key: IdempotencyKey!) { replaceWebhookSecret(id: $id, idempotencyKey: $key) { endpoint { id } } }`,
    variables: (side) => ({ id: webhook(side) }),
    own: COMPANY,
  },
  replayWebhook: {
    text: `mutation ($id: ID!, $after: String!, $key: IdempotencyKey!) { replayWebhook(id: $id, after: $after, idempotencyKey: $key) { endpoint { id } } }`,
    variables: (side) => ({ id: webhook(side), after: Buffer.from('1.1').toString('base64url') }),
    own: COMPANY,
  },
  retryWebhookDelivery: {
    text: `mutation ($id: ID!, $event: ID!, $key: IdempotencyKey!) { retryWebhookDelivery(id: $id, event: $event, idempotencyKey: $key) { endpoint { id } } }`,
    variables: (side) => ({
      id: webhook(side),
      event: globalId('TrackingEvent', planted(side).site, planted(side).ids.event),
    }),
    own: COMPANY,
  },
  commandWebhook: {
    text: `mutation ($id: ID!, $key: IdempotencyKey!) { commandWebhook(id: $id, command: REMOVE, idempotencyKey: $key) { endpoint { id } } }`,
    variables: (side) => ({ id: webhook(side) }),
    own: ['LOGISTICS'],
    alsoMay: (asker, side) => asker.side === side && COMPANY.includes(asker.role),
  },
};
