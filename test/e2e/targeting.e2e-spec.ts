import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowedNetworks } from '#libs/exchange';
import { derivedId, newId } from '#libs/kernel';
import type { Visibility } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { CASE, codesOf, openApiHouse, type Answer, type ApiHouse, type Heard } from '../support/api-house.js';
import { until } from '../support/until.js';
import { buildAuditWorld, type AuditTokens } from './audit-world.js';
import {
  BOXES,
  boxNumber,
  DAY,
  fact,
  HANDOVER,
  ORGANISATIONS,
  recordPass,
  SITE_A,
  SITE_B,
  tell,
} from './graphql-world.js';

let house: ApiHouse<AuditTokens>;
let hooks: Server;
const told = new Map<string, string[]>();

/** In Tidewell's window at site A; nobody has ever seen the second one. */
const BOX = BOXES.tidewell;
const UNSEEN = boxNumber(777_001);
const PASS = derivedId('targeting e2e', 'pass');
const KINDS = ['ContainerGatedIn', 'InspectionNoticed', 'InspectionReleased'];

beforeAll(async () => {
  house = await openApiHouse(
    async (database) => {
      const tokens = await buildAuditWorld(database);
      await recordPass(database, { id: PASS, at: HANDOVER + DAY, containerNumbers: [BOX] });
      await tell(
        database,
        fact('gate-in', { asset: { kind: 'CONTAINER', code: BOX }, occurredAt: HANDOVER + DAY, passId: PASS }),
      );
      return tokens;
    },
    { webhooks: { networks: allowedNetworks(['127.0.0.0/8']), times: { pollMs: 20, answerMs: 60_000 } } },
  );
  hooks = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { type } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { type: string };
      told.set(incoming.url ?? '', [...(told.get(incoming.url ?? '') ?? []), type]);
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await house.close();
  hooks.closeAllConnections();
  await new Promise((resolve) => hooks.close(resolve));
});

type Row = Readonly<Record<string, unknown>>;

/** Everybody who is not customs of the district. */
const OTHERS = [
  'operatorA',
  'operatorB',
  'monitorA',
  'quarantineA',
  'tidewell',
  'northbank',
  'stranger',
  'customsB',
  'system',
  'security',
] as const;

/** Everything that somebody could learn of a box by asking: answers, lists, counts, nodes, errors. */
const QUESTIONS: readonly string[] = [
  ...[BOX, UNSEEN].flatMap((box) => [
    `{ container(number: "${box}") { number sizeType status place { at zone { code } } events(first: 20) { nodes { id kind payload source stands } pageInfo { hasNextPage endCursor } } } }`,
    `{ events(first: 50, filter: { container: "${box}" }) { nodes { id kind } pageInfo { hasNextPage } } }`,
    `{ passes(first: 50, filter: { container: "${box}" }) { nodes { id outcome exceptions decision { verdict reason } containerNumbers } } }`,
    `{ node(id: "${globalId('Container', box)}") { id ... on Container { status } } }`,
    `mutation { targetContainer(input: { container: "${box}", site: "${SITE_A}", reason: "I would like to know" }, idempotencyKey: "ask-about-${box}") { target { targetId } } }`,
  ]),
  '{ events(first: 100) { nodes { id kind containerNumber } pageInfo { hasNextPage endCursor } } }',
  '{ passes(first: 100) { nodes { id outcome exceptions containerNumbers decision { verdict by reason } events { kind } } pageInfo { hasNextPage endCursor } } }',
  '{ alerts(first: 100) { nodes { id kind state details } } }',
  '{ truckVisits(first: 100) { nodes { id state transactions { kind containerNumber } } } }',
  '{ shipments(first: 100) { nodes { id status containers { number container { status } } events(first: 50) { nodes { kind } } milestones { code reached } } } }',
  '{ unresolvedObservations { nodes { id } } }',
  '{ inspectionTargets { nodes { containerNumber } } }',
  '{ webhookEndpoints { state deliveries { nodes { state event { kind } } } } }',
];
const EXPORTS = ['events', 'passes', 'shipments', 'alerts', 'truckVisits', 'inspectionTargets'] as const;

async function everythingSeenBy(name: (typeof OTHERS)[number]): Promise<string> {
  const token = house.tokens[name];
  const answers = [];
  for (const query of QUESTIONS) answers.push(await house.ask(token, query));
  for (const list of EXPORTS) {
    const answer = await fetch(`${house.url}/exports/v1/${list}.ndjson`, {
      headers: { authorization: `Bearer ${token}`, 'x-case-number': CASE },
    });
    answers.push([list, answer.status, await answer.text()]);
  }
  return JSON.stringify(answers);
}

async function seenByAll(): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const name of OTHERS) seen[name] = await everythingSeenBy(name);
  return seen;
}

const TARGET = `mutation ($input: TargetContainerInput!, $key: IdempotencyKey!) { targetContainer(input: $input, idempotencyKey: $key) {
  target { targetId containerNumber state nextStates caseNumber reason site { code } } } }`;
const command = (token: string, name: string, id: string): Promise<Answer<Record<string, { target: Row }>>> =>
  house.ask(
    token,
    `mutation ($id: ID!, $key: IdempotencyKey!) { ${name}(targetId: $id, idempotencyKey: $key) { target { state nextStates } } }`,
    { id, key: newId() },
  );

async function select(
  token: string,
  container: string,
  site = SITE_A,
): Promise<Answer<{ targetContainer: { target: Row } }>> {
  return house.ask(token, TARGET, { input: { container, site, reason: 'profile 7' }, key: newId() });
}
const idOf = ({ data }: Answer<{ targetContainer: { target: Row } }>): string =>
  String(data?.targetContainer.target['targetId']);

const listOf = async (token: string): Promise<Row[]> =>
  (
    await house.ask<{ inspectionTargets: { nodes: Row[] } }>(
      token,
      '{ inspectionTargets { nodes { targetId containerNumber state } } }',
    )
  ).data?.inspectionTargets.nodes as Row[];

interface Told {
  readonly eventRecorded: { readonly kind: string; readonly containerNumber: string | null };
}
const kindsAndBoxes = (heard: Heard<Told> | undefined): string[] =>
  (heard?.values ?? []).map(({ eventRecorded: { kind, containerNumber } }) => `${kind} ${containerNumber}`);

/** Something that everybody at A and Tidewell is told: whoever has heard it has heard all that came before. */
const marker = (cause: string) =>
  tell(house.database, fact(cause, { asset: { kind: 'CONTAINER', code: BOX }, occurredAt: HANDOVER + 2 * DAY }));

async function hook(token: string, path: string): Promise<void> {
  const made = await house.ask(
    token,
    `mutation ($input: CreateWebhookInput!, $key: IdempotencyKey!) { createWebhook(input: $input, idempotencyKey: $key) { endpoint { id } } }`,
    {
      input: {
        url: `http://127.0.0.1:${(hooks.address() as AddressInfo).port}${path}`,
        description: 'ours',
        filter: { kinds: KINDS },
      },
      key: newId(),
    },
  );
  expect(codesOf(made)).toEqual([]);
}

describe('a selection for inspection', () => {
  it('changes nothing that anybody else is told, byte for byte, before its notice; then it is told to whoever may see the box', async () => {
    for (const name of ['operatorA', 'tidewell', 'operatorB'] as const) await hook(house.tokens[name], `/${name}`);
    const streams: Record<string, Heard<Told>> = {};
    for (const name of ['operatorA', 'tidewell', 'operatorB', 'quarantineA', 'northbank'] as const)
      streams[name] = await house.listen<Told>(
        house.tokens[name],
        'subscription { eventRecorded { kind containerNumber } }',
      );
    const heardBy = (name: string): string[] => kindsAndBoxes(streams[name]);
    const before = await seenByAll();

    const selected = await select(house.tokens.customsA, BOX);
    const id = idOf(selected);
    expect(selected.data?.targetContainer.target).toMatchObject({
      containerNumber: BOX,
      state: 'SELECTED',
      nextStates: ['NOTIFIED', 'WITHDRAWN'],
      caseNumber: CASE,
      reason: 'profile 7',
      site: { code: SITE_A },
    });
    const unseen = idOf(await select(house.tokens.customsA, UNSEEN));
    // the positive control: customs of the district see both, those of the whole port too
    for (const token of [house.tokens.customsA, house.tokens.customs]) {
      expect(new Set((await listOf(token)).map(({ containerNumber }) => containerNumber))).toEqual(
        new Set([BOX, UNSEEN]),
      );
    }
    expect(await seenByAll()).toEqual(before);
    // customs of another district and everybody else find nothing to act on
    for (const name of ['withdrawTarget', 'noticeTarget', 'releaseTarget']) {
      const [foreign, nothing] = [
        await command(house.tokens.customsB, name, id),
        await command(house.tokens.customsB, name, newId()),
      ];
      expect([codesOf(foreign), foreign.errors?.[0]?.message]).toEqual([['NOT_FOUND'], nothing.errors?.[0]?.message]);
      expect(codesOf(await command(house.tokens.operatorA, name, id))).toEqual(['FORBIDDEN']);
    }
    expect(codesOf(await command(house.tokens.customsA, 'withdrawTarget', unseen))).toEqual([]);
    expect(await seenByAll()).toEqual(before);

    // a pass of the box looks like any other
    const report = async (container: string): Promise<Row> => {
      const answer = await house.ask<{ reportPass: { pass: Row } }>(
        house.tokens.operatorA,
        `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) { reportPass(input: $input, idempotencyKey: $key) {
           pass { direction outcome exceptions decision { verdict by reason } events { kind payload } } } }`,
        {
          input: {
            lane: `${SITE_A}/G1-L2`,
            direction: 'OUT',
            truck: '浙B24680',
            containers: [{ number: container }],
            occurredAt: new Date(Date.now() - 60_000).toISOString(),
            verdict: 'ACCEPTED',
            reason: 'tag broken',
          },
          key: newId(),
        },
      );
      expect(codesOf(answer)).toEqual([]);
      return answer.data?.reportPass.pass as Row;
    };
    expect(await report(BOX)).toEqual(await report(BOXES.nobody));

    await marker('before the notice');
    await until('the marker', () =>
      ['operatorA', 'tidewell', 'quarantineA'].every((name) => heardBy(name).at(-1) === `ContainerGatedIn ${BOX}`),
    );
    expect(
      Object.values(streams)
        .flatMap(kindsAndBoxes)
        .filter((text) => text.startsWith('Inspection')),
    ).toEqual([]);

    expect((await command(house.tokens.customsA, 'noticeTarget', id)).data?.['noticeTarget']?.target).toEqual({
      state: 'NOTIFIED',
      nextStates: ['RELEASED'],
    });
    const noticed = `InspectionNoticed ${BOX}`;
    await until('the notice', () =>
      ['operatorA', 'tidewell', 'quarantineA'].every((name) => heardBy(name).includes(noticed)),
    );
    await until('the webhooks', () =>
      ['/operatorA', '/tidewell'].every((path) => told.get(path)?.includes('InspectionNoticed')),
    );
    for (const name of ['operatorA', 'monitorA', 'quarantineA', 'tidewell'] as const) {
      const { data } = await house.ask<{ container: { events: { nodes: Row[] } } }>(
        house.tokens[name],
        `{ container(number: "${BOX}") { events { nodes { kind payload } } } }`,
      );
      expect(data?.container.events.nodes).toContainEqual({ kind: 'InspectionNoticed', payload: {} });
    }
    expect((await command(house.tokens.customsA, 'releaseTarget', id)).data?.['releaseTarget']?.target).toEqual({
      state: 'RELEASED',
      nextStates: [],
    });
    await until('the release', () =>
      ['operatorA', 'tidewell'].every((name) => heardBy(name).includes(`InspectionReleased ${BOX}`)),
    );
    await marker('behind the release');
    await until('the last marker', () =>
      ['operatorA', 'tidewell'].every((name) => heardBy(name).at(-1) === `ContainerGatedIn ${BOX}`),
    );
    for (const name of ['operatorB', 'northbank'])
      expect([name, heardBy(name).filter((text) => text.startsWith('Inspection'))]).toEqual([name, []]);
    expect(told.get('/operatorB') ?? []).toEqual([]);
    // why and when it was selected stays with customs
    for (const name of OTHERS)
      expect([name, (await everythingSeenBy(name)).includes('profile 7')]).toEqual([name, false]);
  });

  it('is one at a time for a box at a site, once for its key, and moves as its table says', async () => {
    const box = boxNumber(777_002);
    const input = { container: box, site: SITE_A, reason: 'profile 8' };
    const key = newId();
    const first = await house.ask<{ targetContainer: { target: Row } }>(house.tokens.customsA, TARGET, { input, key });
    const again = await house.ask<{ targetContainer: { target: Row } }>(house.tokens.customsA, TARGET, { input, key });
    expect(idOf(again)).toBe(idOf(first));
    expect(codesOf(await select(house.tokens.customs, box))).toEqual(['CONFLICT']);
    expect(codesOf(await select(house.tokens.customsA, box, SITE_B))).toEqual(['NOT_FOUND']);
    expect(codesOf(await command(house.tokens.customsA, 'releaseTarget', idOf(first)))).toEqual(['CONFLICT']);
    expect(codesOf(await command(house.tokens.customs, 'withdrawTarget', idOf(first)))).toEqual([]);
    for (const name of ['withdrawTarget', 'noticeTarget', 'releaseTarget']) {
      expect(codesOf(await command(house.tokens.customsA, name, idOf(first)))).toEqual(['CONFLICT']);
    }
    expect(codesOf(await select(house.tokens.customsA, box))).toEqual([]);
  });

  it('is recorded in the audit without the box', async () => {
    const box = boxNumber(777_003);
    const id = idOf(await select(house.tokens.customsA, box));
    await house.ask(house.tokens.customsA, `{ inspectionTargets(container: "${box}") { nodes { targetId } } }`);
    const { data } = await house.ask<{ auditRecords: { nodes: Row[] } }>(
      house.tokens.auditor,
      '{ auditRecords(first: 2) { nodes { operation subjectType subjectKeys asked caseNumber } } }',
    );
    expect(data?.auditRecords.nodes).toEqual([
      {
        operation: 'Query.inspectionTargets',
        subjectType: 'InspectionTarget',
        subjectKeys: [],
        asked: null,
        caseNumber: CASE,
      },
      {
        operation: 'Mutation.targetContainer',
        subjectType: 'InspectionTarget',
        subjectKeys: [id],
        asked: null,
        caseNumber: CASE,
      },
    ]);
  });

  it('is held by row-level security: no scope but customs’ sees the row, and none out of the district', async () => {
    await select(house.tokens.customsA, boxNumber(777_004));
    const seen = (visibility: Visibility): Promise<number> =>
      house.database.read(visibility, async (tx) => (await tx.query('SELECT 1 FROM inspection_target')).length);
    const organisationId = ORGANISATIONS.customs;
    expect(await seen({ scope: 'CUSTOMS', organisationId, siteIds: [SITE_A] })).toBeGreaterThan(0);
    expect(await seen({ scope: 'CUSTOMS', organisationId, siteIds: [SITE_B] })).toBe(0);
    expect(await seen({ scope: 'TERMINAL', organisationId, siteIds: [SITE_A, SITE_B] })).toBe(0);
    for (const scope of ['COMPANY', 'DIRECTORY', 'SYSTEM', 'AUDIT'] as const) {
      expect([scope, await seen({ scope, organisationId })]).toEqual([scope, 0]);
    }
    const client = new Client({ connectionString: house.store.appUrl });
    await client.connect();
    try {
      expect((await client.query('SELECT 1 FROM inspection_target')).rows).toEqual([]);
      await client.query('SET row_security = off');
      await expect(client.query('SELECT 1 FROM inspection_target')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('COPY inspection_target TO STDOUT')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });
});
