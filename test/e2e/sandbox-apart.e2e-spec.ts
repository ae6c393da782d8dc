import 'reflect-metadata';
import { newId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { BOXES, HANDOVER, LANE_A, ORGANISATIONS, SHIPMENTS, type Tokens } from './graphql-world.js';
import { openSandboxHouse, RUN, SITE, type People, type Run, type SandboxHouse } from './sandbox-house.js';

let house: SandboxHouse;
let acme: People;
let other: People;
let port: Tokens;
let database: Database;

beforeAll(async () => {
  house = await openSandboxHouse();
  ({ acme, other, tokens: port, database } = house);
});

afterAll(() => house.close());

describe('outside of a sandbox', () => {
  /** Everything that could show a run, in one text. */
  async function everything(token: string, { containerNumber, truckPlate, shipmentReference }: Run): Promise<string> {
    const box = { box: containerNumber };
    const answers = await Promise.all([
      house.ask(token, '{ sites { code } }'),
      house.ask(token, `{ zones(site: "${SITE}") { code } }`),
      house.ask(token, '{ lanes { code } }'),
      house.ask(token, '{ events(first: 200) { nodes { asset { code } site { code } } } }'),
      house.ask(token, `query ($box: ContainerNumber!) { events(filter: {container: $box}) { nodes { kind } } }`, box),
      house.ask(token, `query ($truck: LicencePlate!) { events(filter: {truck: $truck}) { nodes { kind } } }`, {
        truck: truckPlate,
      }),
      house.ask(token, '{ passes(first: 200) { nodes { containerNumbers site { code } } } }'),
      house.ask(token, '{ truckVisits(first: 200) { nodes { truckPlate } } }'),
      house.ask(token, '{ alerts(first: 200) { nodes { kind site { code } } } }'),
      house.ask(token, '{ shipments(first: 200) { nodes { reference } } }'),
      house.ask(token, `{ shipments(filter: {text: "${shipmentReference.slice(0, 7)}"}) { nodes { id } } }`),
      house.ask(token, `query ($id: ID!) { node(id: $id) { id ... on Site { code } } }`, {
        id: globalId('Site', SITE),
      }),
    ]);
    const refusals = await Promise.all([
      house.ask(token, `query ($box: ContainerNumber!) { container(number: $box) { status } }`, box),
      house.ask(token, `query ($reference: String!) { shipment(reference: $reference) { id } }`, {
        reference: shipmentReference,
      }),
      house.ask(token, `{ events(filter: {site: "${SITE}"}) { nodes { id } } }`),
    ]);
    const codes = refusals.map(({ data, errors }) => errors?.[0]?.extensions.code ?? JSON.stringify(data));
    return JSON.stringify([answers.map(({ data }) => data), codes]);
  }

  it('nobody sees anything of a run, in lists, nodes, filters and errors; its own people do', async () => {
    const played = await house.run('REFUSED_PASS');
    const words = [played.containerNumber, played.truckPlate, SITE, played.shipmentReference, '"kind":"PassRefused"'];
    const strangers = {
      ...port,
      otherOperator: other.GATE_OPERATOR,
      otherCompany: other.LOGISTICS,
      otherCustoms: other.CUSTOMS_OFFICER,
    };
    for (const [name, token] of Object.entries(strangers)) {
      if (name === 'gatewayA') continue;
      const text = await everything(token, played);
      expect([name, words.filter((word) => text.includes(word))]).toEqual([name, []]);
      expect([name, /"INVALID_INPUT"|"FORBIDDEN"/.test(text)]).toEqual([name, true]);
    }
    for (const [name, token] of Object.entries(acme)) {
      const text = await everything(token, played);
      expect([name, words.filter((word) => !text.includes(word)).length < words.length - 1]).toEqual([name, true]);
      expect([name, text.includes(played.containerNumber) && text.includes(SITE)]).toEqual([name, true]);
    }
  });

  it('is all the port, of which a sandbox’s people see nothing, customs included', async () => {
    for (const [name, token] of Object.entries(acme)) {
      const [lists, box] = await Promise.all([
        house.ask(
          token,
          '{ sites { code } events(first: 200) { nodes { asset { code } } } shipments { nodes { reference } } }',
        ),
        house.ask(token, `{ container(number: "${BOXES.reused}") { status } }`),
      ]);
      const text = JSON.stringify(lists.data ?? {});
      expect([name, ['CNNBO', BOXES.reused, 'TW-1', 'NB-1'].filter((word) => text.includes(word))]).toEqual([name, []]);
      expect([name, box.errors?.[0]?.extensions.code]).toEqual([name, 'NOT_FOUND']);
    }
    const shipments = await house.ask<{ shipments: { nodes: unknown[] } }>(
      port.customs,
      '{ shipments { nodes { id } } }',
    );
    expect(shipments.data?.shipments.nodes).toHaveLength(Object.keys(SHIPMENTS).length);
  });

  it('no window on a box shows what is on the other side', async () => {
    const { containerNumber } = await house.run('GATE_IN_EXPORT_FULL');
    const window = async (organisation: string, number: string, shipment: string): Promise<void> => {
      await database.write((tx) =>
        tx.query('INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)', [
          organisation,
          number,
          shipment,
          new Date(HANDOVER),
        ]),
      );
    };
    const [sandbox] = await database.write((tx) =>
      tx.query<{ company: string; shipment: string }>(
        'SELECT company_id AS company, export_shipment_id AS shipment FROM sandbox WHERE site_id = $1',
        [SITE],
      ),
    );
    await window(ORGANISATIONS.tidewell, containerNumber, SHIPMENTS.tidewell);
    await window(sandbox?.company ?? '', BOXES.reused, sandbox?.shipment ?? '');
    const seen = async (token: string, number: string): Promise<unknown> => {
      const { data } = await house.ask<{ container: object }>(
        token,
        'query ($number: ContainerNumber!) { container(number: $number) { status place { at } events { nodes { kind } } } }',
        { number },
      );
      return data?.container;
    };
    const nothing = { status: 'NOT_SEEN', place: null, events: { nodes: [] } };
    expect(await seen(port.tidewell, containerNumber)).toEqual(nothing);
    expect(await seen(acme.LOGISTICS, BOXES.reused)).toEqual(nothing);
    expect(await seen(port.tidewell, BOXES.reused)).not.toEqual(nothing);
    expect(await seen(acme.LOGISTICS, containerNumber)).not.toEqual(nothing);
  });

  it('stands no shipment that a sandbox made: its company books, swaps, splits and grants nothing', async () => {
    const [first, second] = [await house.run('GATE_IN_EXPORT_FULL'), await house.run('GATE_IN_EXPORT_FULL')];
    const own = await house.ask<{ shipment: { id: string } }>(
      acme.LOGISTICS,
      'query ($reference: String!) { shipment(reference: $reference) { id } }',
      { reference: first.shipmentReference },
    );
    const shipment = own.data?.shipment.id;
    const deeds: readonly (readonly [string, string, object])[] = [
      [
        'bookShipment',
        'BookShipmentInput',
        { reference: 'SBX-booked', trade: 'EXPORT', role: 'FORWARDER', containers: [{ number: BOXES.northbank }] },
      ],
      [
        'swapContainer',
        'SwapContainerInput',
        { shipment, out: first.containerNumber, in: BOXES.northbank, reason: 'x' },
      ],
      [
        'splitShipment',
        'SplitShipmentInput',
        { shipment, containers: [second.containerNumber], reference: 'SBX-split' },
      ],
    ];
    const codes: string[] = [];
    for (const [name, type, input] of deeds) {
      const { errors } = await house.ask(
        acme.LOGISTICS,
        `mutation ($input: ${type}!, $key: IdempotencyKey!) { ${name}(input: $input, idempotencyKey: $key) { shipment { id } } }`,
        { input, key: newId() },
      );
      codes.push(`${name} ${errors?.[0]?.extensions.code}`);
    }
    expect(codes).toEqual(deeds.map(([name]) => `${name} FORBIDDEN`));
    const seen = await house.ask<{ shipments: { nodes: { reference: string }[] } }>(
      port.customs,
      '{ shipments(first: 200) { nodes { reference } } }',
    );
    expect(seen.data?.shipments.nodes.filter(({ reference }) => reference.startsWith('SBX-'))).toEqual([]);
  });

  it('books with no company of the other side: it is answered as one that does not exist', async () => {
    const [northbank] = await database.write((tx) =>
      tx.query<{ code: string }>('SELECT code FROM organisation WHERE id = $1', [ORGANISATIONS.northbank]),
    );
    const booking = { trade: 'EXPORT', role: 'SHIPPER', containers: [{ number: 'MSKU6011672' }] };
    const answered = async (token: string, organisation: string): Promise<unknown> => {
      const { errors } = await house.ask(
        token,
        `mutation ($input: BookShipmentInput!, $key: IdempotencyKey!) { bookShipment(input: $input, idempotencyKey: $key) { shipment { id } } }`,
        { input: { reference: newId(), ...booking, parties: [{ organisation, role: 'CONSIGNEE' }] }, key: newId() },
      );
      const refusal = JSON.stringify(errors?.[0] ?? 'booked').replaceAll(organisation, 'the company');
      return JSON.parse(refusal) as unknown;
    };
    const unknown = await answered(port.tidewell, 'NO-SUCH');
    expect(unknown).toMatchObject({ extensions: { code: 'NOT_FOUND', details: { value: 'the company' } } });
    expect(await answered(port.tidewell, `${SITE}-COMPANY`)).toEqual(unknown);
    expect(await answered(port.tidewell, northbank?.code ?? '')).toBe('booked');
    // a sandbox has the shipments that it was made with, whoever is named
    const refused = await answered(acme.LOGISTICS, 'NO-SUCH');
    expect(refused).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(await answered(acme.LOGISTICS, northbank?.code ?? '')).toEqual(refused);
  });

  it('nobody runs a script', async () => {
    for (const token of [port.operatorA, port.tidewell, port.customs]) {
      const { errors } = await house.ask(token, RUN, { script: 'REFUSED_PASS', key: newId() });
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('no person names a sandbox’s box or truck at a gate of the port, nor one of the port’s at a sandbox’s gate', async () => {
    const report = async (token: string, lane: string, truck: string, number: string): Promise<string | undefined> => {
      const input = {
        lane,
        direction: 'IN',
        truck,
        containers: [{ number }],
        occurredAt: new Date(Date.now() - 1_000).toISOString(),
        verdict: 'ACCEPTED',
        reason: 'tag broken',
      };
      const { errors } = await house.ask(
        token,
        `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) { reportPass(input: $input, idempotencyKey: $key) { pass { id } } }`,
        { input, key: newId() },
      );
      return errors?.[0]?.extensions.code;
    };
    const { containerNumber, truckPlate } = await house.run('REFUSED_PASS');
    const lane = `${SITE}/G1-L1`;
    expect(await report(port.operatorA, LANE_A, '浙B12345', containerNumber)).toBe('INVALID_INPUT');
    expect(await report(port.operatorA, LANE_A, truckPlate, BOXES.nobody)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, truckPlate, BOXES.reused)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, '浙B12345', containerNumber)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, truckPlate, containerNumber)).toBeUndefined();
  });
});
