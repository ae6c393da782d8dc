import 'reflect-metadata';
import { PostedSms, Vault, type Role } from '#libs/identity';
import { announce } from '#libs/journal';
import { createLogger, ManualClock, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { POLICY } from '../../apps/server/src/api/shared/policy-table.js';
import { exportDocuments } from '../../apps/server/src/exports/export-document.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { MEMBER_DEEDS } from './sweep-members.js';
import { TextMessages } from '../support/text-messages.js';
import { until } from '../support/until.js';
import { codeOfAuthenticator } from './credentials-world.js';
import { boxNumber } from './graphql-world.js';
import {
  AUTHORITIES,
  credentialDeeds,
  IN_SESSION,
  plantSigner,
  PROOFS,
  sessionsOf,
  signedNonce,
  SWEEP_BROWSER,
  SWEEP_PASSWORD,
  SWEEP_PHONE,
  SWEEP_TIME,
} from './sweep-credentials.js';
import {
  buildSweepWorld,
  idsOf,
  maySee,
  planted,
  record,
  SECRETS,
  SIDES,
  type Asker,
  type Side,
} from './sweep-world.js';

/** Told by everybody, and asked of customs and the auditor. */
const CASE_NUMBER = 'SWEEP-0001';

let store: TestDatabase;
let database: Database;
let askers: readonly Asker[];
let colleagues: ReadonlyMap<string, string>;
let texts: TextMessages;
const vault = Vault.unkept();
const clock = new ManualClock(SWEEP_TIME);
let server: BoxtrailServer;
let url: string;
let schema: GraphQLSchema;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  ({ askers, colleagues } = await buildSweepWorld(database, vault));
  texts = await TextMessages.open();
  server = await BoxtrailServer.create({
    database,
    logger: createLogger('spec', 'silent'),
    credentials: {
      vault,
      clock,
      authorities: AUTHORITIES,
      sms: new PostedSms(texts.url, 'a secret of the sweep'),
    },
  });
  url = await server.listen(0, '127.0.0.1');
  const { data } = await ask(askers[0]?.token ?? null, getIntrospectionQuery());
  schema = buildClientSchema(data as unknown as IntrospectionQuery);
});

afterAll(async () => {
  await server.close();
  await texts.close();
  await database.close();
  await store.drop();
});

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function ask(token: string | null, query: string, variables: object = {}): Promise<Answer> {
  const asked = request(url)
    .post('/graphql')
    .set('x-case-number', CASE_NUMBER)
    .set('cookie', `boxtrail_hand_over=${SWEEP_BROWSER}`)
    .send({ query, variables });
  const answer = await (token === null ? asked : asked.set('authorization', `Bearer ${token}`));
  return answer.body as Answer;
}

const codesOf = ({ errors }: Answer): string[] => (errors ?? []).map(({ extensions }) => extensions.code);
const nameOf = ({ role, side }: Asker): string => `${role} ${side}`;
const mayAsk = (operation: string, role: Role): boolean => POLICY[operation]?.[role] !== undefined;

/** All leaves of a type, and those of what it leads to. */
function selection(typeName: string, depth: number): string {
  const type = schema.getType(typeName);
  if (isLeafType(type)) return '';
  if (!isObjectType(type)) return '{ __typename id }';
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    return depth > 0 ? [`${field.name} ${selection(inner.name, depth - 1)}`] : [];
  });
  return `{ __typename ${fields.join(' ')} }`;
}

/** Arguments that an operation needs, aimed at a side; an operation that needs some and has no row here fails the sweep. */
const QUERY_ARGS: Readonly<Record<string, (side: Side) => string>> = {
  container: (side) => `(number: "${planted(side).box}")`,
  shipment: (side) => `(reference: "${planted(side).reference}")`,
  zones: (side) => `(site: "${planted(side).site}")`,
  // without it one's own
  sessions: sessionsOf,
};

/** Everything that somebody is answered when asking everything of both sides. */
async function allAnswers({ role, token }: Asker): Promise<string> {
  let text = '';
  const note = (operation: string, answer: Answer): void => {
    const allowed = mayAsk(operation, role) ? ['FORBIDDEN', 'NOT_FOUND'] : ['FORBIDDEN'];
    for (const code of codesOf(answer))
      expect([operation, allowed.includes(code), code]).toEqual([operation, true, code]);
    if (!mayAsk(operation, role)) expect([operation, codesOf(answer).length > 0]).toEqual([operation, true]);
    // What the auditor reads there is what everybody asked for.
    if (operation !== 'Query.auditRecords' || !mayAsk(operation, role)) text += JSON.stringify(answer);
  };
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (field.name === 'node') continue;
    const args = QUERY_ARGS[field.name];
    expect([field.name, field.args.some(isRequiredArgument) && args === undefined]).toEqual([field.name, false]);
    for (const side of args === undefined ? (['near'] as const) : SIDES) {
      const query = `{ ${field.name}${args?.(side) ?? ''} ${selection(getNamedType(field.type).name, 2)} }`;
      const answer = await ask(token, query);
      // what was asked for stands in the error: it is no news
      note(
        `Query.${field.name}`,
        args === undefined || answer.data
          ? answer
          : { errors: answer.errors?.map(({ extensions }) => ({ extensions: { code: extensions.code } })) ?? [] },
      );
    }
  }
  for (const id of SIDES.flatMap(idsOf)) {
    const type = Buffer.from(id, 'base64url').toString('utf8').split(':')[0] ?? '';
    note(
      'Query.node',
      await ask(token, `query ($id: ID!) { node(id: $id) { __typename ... on ${type} ${selection(type, 2)} } }`, {
        id,
      }),
    );
  }
  return text;
}

/** Each word is told to those who may know it, and to nobody else. */
function expectSecretsKept(asker: Asker, text: string, only: readonly string[] = Object.keys(SECRETS)): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (!only.includes(name)) continue;
    for (const side of SIDES) {
      expect([nameOf(asker), name, side, text.includes(secret.word(side))]).toEqual([
        nameOf(asker),
        name,
        side,
        maySee(asker, secret, side),
      ]);
    }
  }
}

describe('every query', () => {
  it('tells each role what is theirs, and nobody what is the other side’s, through node(id) and errors too', async () => {
    for (const asker of askers) expectSecretsKept(asker, await allAnswers(asker));
  });

  it('tells nobody without a token anything', async () => {
    for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
      const args =
        field.name === 'node' ? `(id: "${idsOf('near')[0] ?? ''}")` : (QUERY_ARGS[field.name]?.('near') ?? '');
      const answer = await ask(null, `{ ${field.name}${args} ${selection(getNamedType(field.type).name, 0)} }`);
      expect([field.name, codesOf(answer)]).toEqual([field.name, ['UNAUTHENTICATED']]);
    }
  });
});

describe('every export', () => {
  it('gives each role what its list gives', async () => {
    const lists = [...exportDocuments(schema).keys()];
    expect(lists).toEqual(expect.arrayContaining(['events', 'passes', 'shipments']));
    for (const asker of askers) {
      let text = '';
      for (const list of lists) {
        const answer = await fetch(`${url}/exports/v1/${list}.ndjson`, {
          headers: { authorization: `Bearer ${asker.token}`, 'x-case-number': CASE_NUMBER },
        });
        const body = await answer.text();
        expect([nameOf(asker), list, answer.status]).toEqual([
          nameOf(asker),
          list,
          mayAsk(`Query.${list}`, asker.role) ? 200 : 403,
        ]);
        if (list !== 'auditRecords' || !mayAsk('Query.auditRecords', asker.role)) text += body;
      }
      // boxes of shipments, endpoints and sessions are no lists at the root
      expectSecretsKept(asker, text, ['plate', 'loneTruck', 'reference', 'refusal', 'service', 'token', 'colleague']);
    }
    expect((await fetch(`${url}/exports/v1/events.csv`)).status).toBe(401);
  });
});

interface Deed {
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
const DEEDS: Readonly<Record<string, Deed>> = {
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

describe('every mutation', () => {
  it('is refused to all but those whose it is, who then can do it', async () => {
    const fields = Object.keys(schema.getMutationType()?.getFields() ?? {});
    const deeds: Readonly<Record<string, Deed>> = { ...DEEDS, ...credentialDeeds(colleagues) };
    expect([...Object.keys(deeds), ...Object.keys(PROOFS), ...Object.keys(IN_SESSION)].toSorted()).toEqual(
      fields.toSorted(),
    );
    for (const [name, { text, variables, own, anySide = [], alsoMay, forAll }] of Object.entries(deeds)) {
      const attempt = (token: string | null, side: Side): Promise<Answer> =>
        ask(token, text, { ...variables(side), key: newId() });
      expect([name, codesOf(await attempt(null, 'near'))]).toEqual([name, ['UNAUTHENTICATED']]);
      const may = (asker: Asker, side: Side): boolean =>
        forAll === true
          ? mayAsk(`Mutation.${name}`, asker.role)
          : anySide.includes(asker.role) || (asker.side === side && own.includes(asker.role));
      const attempts = askers.flatMap((asker) => SIDES.map((side) => ({ asker, side })));
      for (const { asker, side } of attempts.filter((one) => !may(one.asker, one.side))) {
        if (alsoMay?.(asker, side) === true) continue;
        const [code] = codesOf(await attempt(asker.token, side));
        expect([name, nameOf(asker), side, ['FORBIDDEN', 'NOT_FOUND'].includes(code ?? ''), code]).toEqual([
          name,
          nameOf(asker),
          side,
          true,
          code,
        ]);
      }
      for (const { asker, side } of attempts.filter((one) => may(one.asker, one.side))) {
        expect([name, nameOf(asker), codesOf(await attempt(asker.token, side))]).toEqual([name, nameOf(asker), []]);
      }
    }
  });
});

describe('what proves who somebody is', () => {
  const prove = (name: string, variables: object, token: string | null = null): Promise<Answer> =>
    ask(token, (PROOFS[name] ?? IN_SESSION[name])?.text ?? '', variables);

  it('lets in whoever brings it, as themselves and nobody else, and refuses anything else alike, whoever asks', async () => {
    const { organisation, enrolment, handOver } = await plantSigner(database, vault, 'DRIVER');
    const signedIn = async (name: string, variables: object): Promise<string> => {
      const wrong = PROOFS[name]?.wrong ?? {};
      for (const token of [null, askers[0]?.token ?? null]) {
        expect([name, codesOf(await prove(name, wrong, token))]).toEqual([name, ['SIGN_IN_REFUSED']]);
      }
      const { data, errors } = await prove(name, variables);
      const session = data?.[name] as { readonly token: string } | undefined;
      expect([name, errors, session]).toEqual([
        name,
        undefined,
        { token: expect.stringMatching(/^bxs_/), role: 'DRIVER', organisationId: organisation },
      ]);
      return session?.token ?? '';
    };
    await signedIn('enrol', { input: { code: enrolment, password: SWEEP_PASSWORD } });
    expect(codesOf(await prove('requestPhoneCode', PROOFS['requestPhoneCode']?.wrong ?? {}))).toEqual([
      'INVALID_INPUT',
    ]);
    const { body } = await texts.next(() => prove('requestPhoneCode', { phone: SWEEP_PHONE }));
    const { code } = JSON.parse(body) as { readonly code: string };
    await signedIn('signInByPhone', { phone: SWEEP_PHONE, code });
    const { data } = await prove('requestCertificateNonce', {});
    const { nonce } = data?.['requestCertificateNonce'] as { readonly nonce: string };
    await signedIn('signInByCertificate', signedNonce(nonce));
    await signedIn('redeemSignIn', { code: handOver });
    let session = await signedIn('signIn', { input: { loginName: 'sweep', password: SWEEP_PASSWORD } });

    for (const name of Object.keys(IN_SESSION)) {
      const wrong = IN_SESSION[name]?.wrong ?? {};
      expect([name, codesOf(await prove(name, wrong))]).toEqual([name, ['UNAUTHENTICATED']]);
      for (const asker of askers) {
        expect([name, nameOf(asker), codesOf(await prove(name, wrong, asker.token))]).toEqual([
          name,
          nameOf(asker),
          ['FORBIDDEN'],
        ]);
      }
    }
    const refused = async (name: string, expected: string): Promise<void> =>
      expect([name, codesOf(await prove(name, IN_SESSION[name]?.wrong ?? {}, session))]).toEqual([name, [expected]]);
    const done = async <T>(name: string, variables: object = {}): Promise<T> => {
      const answer = await prove(name, variables, session);
      expect([name, codesOf(answer)]).toEqual([name, []]);
      return answer.data?.[name] as T;
    };
    await refused('switchMembership', 'NOT_FOUND');
    await done('switchMembership', { organisation, role: 'DRIVER' });
    const { secret } = await done<{ readonly secret: string }>('offerSecondFactor');
    await refused('confirmSecondFactor', 'SIGN_IN_REFUSED');
    const confirmed = await done<{ readonly session: { readonly token: string } }>('confirmSecondFactor', {
      code: codeOfAuthenticator(secret, clock.now()),
    });
    session = confirmed.session.token;
    clock.advance(60_000);
    await refused('verifySecondFactor', 'SIGN_IN_REFUSED');
    const verified = await done<{ readonly token: string }>('verifySecondFactor', {
      code: codeOfAuthenticator(secret, clock.now()),
    });
    session = verified.token;
    await refused('changePassword', 'SIGN_IN_REFUSED');
    await done('changePassword', { present: SWEEP_PASSWORD, next: 'tidal crane amber 4 mile' });
    await done('signOut');
    expect(codesOf(await prove('signOut', {}, session))).toEqual(['UNAUTHENTICATED']);
  });
});

/** Every subscription, with what its stream may tell; one that has no row here fails the sweep. */
const STREAMS: Readonly<Record<string, { readonly selection: string; readonly secrets: readonly string[] }>> = {
  hello: { selection: '', secrets: [] },
  eventRecorded: {
    selection: '{ kind asset { code } containerNumber truckPlate payload }',
    secrets: ['plate', 'loneTruck'],
  },
  passRecorded: { selection: '{ containerNumbers truckPlate }', secrets: [] },
  alertRaised: { selection: '{ deviceCode }', secrets: [] },
};
/** Whose pass and alert are told live. */
const TOLD: Readonly<Record<string, { readonly word: (side: Side) => string; readonly own: readonly Role[] }>> = {
  passRecorded: { word: (side) => planted(side).plate, own: ['GATE_OPERATOR', 'PORT_MONITOR', 'CUSTOMS_OFFICER'] },
  alertRaised: { word: (side) => planted(side).device, own: ['GATE_OPERATOR'] },
};

describe('every subscription', () => {
  it('tells each role what is theirs while it happens, and refuses the others', async () => {
    const names = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
    expect(Object.keys(STREAMS).toSorted()).toEqual(names.toSorted());
    const heard = new Map<string, string>();
    const refused = new Map<string, string>();
    const clients = askers.map((asker) => {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${asker.token}`, caseNumber: CASE_NUMBER },
        retryAttempts: 0,
      });
      for (const [name, stream] of Object.entries(STREAMS)) {
        const key = `${nameOf(asker)} ${name}`;
        heard.set(key, '');
        client.subscribe(
          { query: `subscription { ${name} ${stream.selection} }` },
          {
            next: (value) => {
              const [error] = value.errors ?? [];
              if (error === undefined) heard.set(key, (heard.get(key) ?? '') + JSON.stringify(value));
              else refused.set(key, String(error.extensions?.['code']));
            },
            error: (error) => refused.set(key, JSON.stringify(error)),
            complete: () => undefined,
          },
        );
      }
      return client;
    });
    const asked = askers.flatMap(({ role }) => names.map((name) => mayAsk(`Subscription.${name}`, role)));
    const lasting = askers.flatMap(({ role }) =>
      names.filter((name) => name !== 'hello' && mayAsk(`Subscription.${name}`, role)),
    );
    await until(
      'those who may follow to follow',
      async () => (await following()) === lasting.length && refused.size === asked.filter((may) => !may).length,
    );
    for (const side of SIDES) {
      await record(database, side, 'live');
      const { site, ids } = planted(side);
      await database.write((tx) =>
        announce(tx, [
          { topic: 'pass', siteId: site, subjectId: ids.pass },
          { topic: 'alert', siteId: site, subjectId: ids.alert },
        ]),
      );
    }
    // What is told at once reaches the sockets in any order: each must have heard what it may before anybody's silence counts.
    await until('all to be told', () =>
      askers.every((asker) => names.every((name) => hasHeardAll(asker, name, heard))),
    );
    for (const asker of askers) {
      for (const name of names) {
        const key = `${nameOf(asker)} ${name}`;
        expect([key, refused.get(key)]).toEqual([
          key,
          mayAsk(`Subscription.${name}`, asker.role) ? undefined : 'FORBIDDEN',
        ]);
        expectSecretsKept(
          asker,
          heard.get(key) ?? '',
          mayAsk(`Subscription.${name}`, asker.role) ? STREAMS[name]?.secrets : [],
        );
        const told = TOLD[name];
        if (told === undefined) continue;
        for (const side of SIDES) {
          expect([key, side, heard.get(key)?.includes(told.word(side))]).toEqual([
            key,
            side,
            asker.side === side && told.own.includes(asker.role),
          ]);
        }
      }
    }
    for (const client of clients) await client.dispose();
  });
});

function hasHeardAll(asker: Asker, name: string, heard: ReadonlyMap<string, string>): boolean {
  if (!mayAsk(`Subscription.${name}`, asker.role)) return true;
  const text = heard.get(`${nameOf(asker)} ${name}`) ?? '';
  const secrets = (STREAMS[name]?.secrets ?? []).map((secret) => SECRETS[secret]);
  const told = TOLD[name];
  return SIDES.every(
    (side) =>
      secrets.every(
        (secret) => secret === undefined || !maySee(asker, secret, side) || text.includes(secret.word(side)),
      ) &&
      (told === undefined || side !== asker.side || !told.own.includes(asker.role) || text.includes(told.word(side))),
  );
}

async function following(): Promise<number> {
  const { values } = await server.metrics.subscriptions.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}
