import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  type IntrospectionQuery,
} from 'graphql';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { ownDocument } from '../../apps/server/src/documents/index.js';
import { openStory, PASS, type Story } from './graphql-story.js';
import { boxNumber, BOXES, fact, HANDOVER, ORGANISATIONS, SHIPMENTS, SITE_A, tell } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('node(id)', () => {
  it('gives each what is theirs and null for foreign, unknown and malformed ids alike', async () => {
    const event = globalId('TrackingEvent', SITE_A, house.eventIds[0] ?? '');
    const query = `query ($id: ID!) { node(id: $id) { id __typename } }`;
    expect(await house.data(house.tokens.northbank, query, { id: event })).toEqual({
      node: { id: event, __typename: 'TrackingEvent' },
    });
    const ids = [
      event,
      globalId('TrackingEvent', SITE_A, newId()),
      globalId('GatePass', SITE_A, PASS),
      globalId('Shipment', SHIPMENTS.northbank),
      globalId('Organisation', ORGANISATIONS.northbank),
      globalId('Container', BOXES.northbank),
      globalId('Device', 'UHF'),
      globalId('Person', newId()),
      'nonsense',
      '',
      'A'.repeat(10_000),
    ];
    for (const id of ids)
      expect(await house.ask(house.tokens.tidewell, query, { id })).toEqual({ data: { node: null } });
  });
});

describe('every field of every type', () => {
  it('is answered without a fault of ours, whoever asks, and tells another tenant nothing', async () => {
    const introspection = await house.data<IntrospectionQuery>(house.tokens.customs, getIntrospectionQuery());
    const schema = buildClientSchema(introspection);
    const selection = (typeName: string, depth: number): string => {
      const type = schema.getType(typeName);
      if (isLeafType(type)) return '';
      if (!isObjectType(type)) return '{ id }';
      const fields = Object.values(type.getFields()).flatMap((field) => {
        const inner = getNamedType(field.type);
        if (isLeafType(inner)) return [field.name];
        return depth > 0 ? [`${field.name} ${selection(inner.name, depth - 1)}`] : [];
      });
      return `{ __typename ${fields.join(' ')} }`;
    };
    const args: Readonly<Record<string, string>> = {
      container: `(number: "${BOXES.reused}")`,
      shipment: `(reference: "NB-1")`,
      zones: `(site: "${SITE_A}")`,
      node: `(id: "${globalId('GatePass', SITE_A, PASS)}")`,
    };
    // of terminal A and of the two companies; each is somewhere in what its owners are answered
    const foreign = [BOXES.reused, '浙B00001', 'TW-1', 'NB-1', '3034257BF7194E4'];
    const owners = [house.tokens.operatorA, house.tokens.northbank, house.tokens.tidewell, house.tokens.customs];
    let told = '';
    for (const token of [...owners, house.tokens.operatorB, house.tokens.stranger]) {
      for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
        const { data: answered, errors } = await house.ask(
          token,
          `{ ${field.name}${args[field.name] ?? ''} ${selection(getNamedType(field.type).name, 2)} }`,
        );
        for (const { extensions } of errors ?? []) expect(['FORBIDDEN', 'NOT_FOUND']).toContain(extensions.code);
        const text = JSON.stringify(answered);
        if (owners.includes(token)) told += text;
        else expect(foreign.filter((word) => text.includes(word))).toEqual([]);
      }
    }
    expect(foreign.filter((word) => !told.includes(word))).toEqual([]);
  });

  it('reads each kind of row once for the worst document, however many boxes there are', async () => {
    const worst = `{ shipments { nodes { reference status parties { organisation { name } } legs { mode } events(first: 3) { nodes { pass { visit { transactions { pass { id } } } } } }
      milestones { code site { code } reachedBy { event { lane { code } } } }
      containers { number container { status place { zone { code } } shipments { reference } events(first: 3) { nodes { id } }
        chain(first: 5) { nodes { node { id } } } } } } } }`;
    const statements = async (): Promise<number> => {
      const before = await house.server.metrics.statements.get();
      await house.data(house.tokens.customs, worst);
      const after = await house.server.metrics.statements.get();
      return (after.values[0]?.value ?? 0) - (before.values[0]?.value ?? 0);
    };
    const few = await statements();
    await house.database.write(async (tx) => {
      for (let serial = 200_000; serial < 200_020; serial += 1) {
        await tx.query(`INSERT INTO shipment_container VALUES ($1, $2, 'LADEN')`, [
          SHIPMENTS.northbank,
          boxNumber(serial),
        ]);
        await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)`, [
          ORGANISATIONS.northbank,
          boxNumber(serial),
          SHIPMENTS.northbank,
          new Date(HANDOVER),
        ]);
      }
    });
    await tell(
      house.database,
      ...Array.from({ length: 20 }, (_, at) =>
        fact(`box ${at}`, { asset: { kind: 'CONTAINER', code: boxNumber(200_000 + at) }, occurredAt: HANDOVER + at }),
      ),
    );
    expect(await statements()).toBe(few);
    // One list and one statement for each of: milestones, parties, organisations, legs, containers, events of shipments, events by key,
    // boxes, whereabouts, shipments of boxes, events of boxes, chains, and the nodes and passes that these lead to.
    expect(few).toBeLessThanOrEqual(20);
  });
});

describe('the example queries', () => {
  it('work for those whom they are written for', async () => {
    await house.data(house.tokens.tidewell, ownDocument('my-shipments'));
    await house.data(house.tokens.customs, ownDocument('port-events'));
    await house.data(house.tokens.operatorA, ownDocument('my-lanes'));
  });
});
