import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowedNetworks } from '#libs/exchange';
import { SecretBox, Vault } from '#libs/identity';
import { newId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { openSandbox } from '../../apps/server/src/sandbox/sandbox-ground.js';
import { SANDBOX_SCRIPTS } from '../../apps/server/src/sandbox/sandbox-scripts.js';
import type { BoxtrailServer } from '../../apps/server/src/server.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import {
  BOXES,
  buildWorld,
  fact,
  HANDOVER,
  LANE_A,
  ORGANISATIONS,
  SHIPMENTS,
  tell,
  type Tokens,
} from './graphql-world.js';

type People = Readonly<Record<'GATE_OPERATOR' | 'LOGISTICS' | 'CUSTOMS_OFFICER', string>>;

const SITE = 'ZZSBX-ACME';

const vault = Vault.unkept();

let house: ApiHouse<Tokens>;
let database: Database;
let server: BoxtrailServer;
let url: string;
let port: Tokens;
let acme: People;
let other: People;

beforeAll(async () => {
  house = await openApiHouse(
    async (empty) => {
      const tokens = await buildWorld(empty);
      await tell(empty, fact('in the port', {}));
      acme = await sandboxed('ACME', empty);
      other = await sandboxed('OTHER', empty);
      return tokens;
    },
    {
      credentials: { vault },
      webhooks: {
        box: new SecretBox(randomBytes(32)),
        networks: allowedNetworks(['127.0.0.0/8']),
        times: { pollMs: 20, answerMs: 60_000, pausesMs: [50] },
      },
    },
  );
  ({ database, server, url, tokens: port } = house);
});

afterAll(() => house.close());

async function sandboxed(name: string, into = database): Promise<People> {
  const { tokens } = await into.write((tx) => openSandbox(tx, vault, name));
  return Object.fromEntries(tokens.map(({ role, token }) => [role, token])) as People;
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string; readonly details: object } }[];
}

async function ask<T>(token: string, query: string, variables: object = {}): Promise<Answer<T>> {
  const answer = await request(url)
    .post('/graphql')
    .set('authorization', `Bearer ${token}`)
    .set('x-case-number', 'SPEC-0001')
    .send({ query, variables });
  return answer.body as Answer<T>;
}

interface Run {
  readonly containerNumber: string;
  readonly truckPlate: string;
  readonly sealNumber: string;
  readonly shipmentReference: string;
  readonly journalCursor: string;
  readonly expects: readonly string[];
  readonly site: { readonly code: string };
}

const RUN = `mutation ($script: SandboxScript!, $key: IdempotencyKey!) { runSandboxScript(script: $script, idempotencyKey: $key) {
  run { script containerNumber truckPlate sealNumber shipmentReference journalCursor expects site { code } } } }`;

async function run(script: string, token = acme.LOGISTICS, key = newId()): Promise<Run> {
  const { data, errors } = await ask<{ runSandboxScript: { run: Run } }>(token, RUN, { script, key });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.runSandboxScript.run;
}

interface Told {
  readonly kind: string;
  readonly asset: { readonly kind: string; readonly code: string };
  readonly zone: { readonly code: string } | null;
  readonly late: boolean;
  readonly stands: boolean;
  readonly truckPlate: string | null;
}

/** Oldest first, withdrawn ones too. */
async function eventsOf(token: string, { containerNumber, truckPlate }: Run): Promise<Told[]> {
  const { data, errors } = await ask<{ events: { nodes: Told[] } }>(
    token,
    `{ events(filter: {includeWithdrawn: true}, first: 200) { nodes { kind asset { kind code } zone { code } late stands truckPlate } } }`,
  );
  expect(errors).toBeUndefined();
  return (data?.events.nodes ?? [])
    .filter(({ asset }) => [containerNumber, truckPlate].includes(asset.code))
    .toReversed();
}

/** `ZoneEntered YARD late`, … of the box, or of all; sorted, for several happen at one moment. */
const told = (events: readonly Told[], kind?: string): string[] =>
  events
    .filter(({ asset }) => kind === undefined || asset.kind === kind)
    .map((event) =>
      [event.kind, event.zone?.code.split('/')[1], event.late ? 'late' : '', event.stands ? '' : 'withdrawn']
        .filter((word) => word)
        .join(' '),
    )
    .toSorted();

describe('a sandbox script', () => {
  it('is listed with what it plays and what to expect', async () => {
    const { data } = await ask<{ sandboxScripts: { script: string; plays: string; expects: string[] }[] }>(
      acme.LOGISTICS,
      '{ sandboxScripts { script plays playsZh expects } }',
    );
    expect(data?.sandboxScripts.map(({ script }) => script)).toEqual(Object.keys(SANDBOX_SCRIPTS));
  });

  it('brings a laden export box in, as company, gate operator and customs see it', async () => {
    const played = await run('GATE_IN_EXPORT_FULL');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toEqual(['ContainerGatedIn TERMINAL', 'ZoneEntered TERMINAL']);
    const { data } = await ask(
      acme.GATE_OPERATOR,
      `query ($box: ContainerNumber!, $seal: String!) { passes(filter: {container: $box, seal: $seal}) { nodes {
         outcome exceptions truckPlate sealNumbers visit { state transactions { kind fullness } } } } }`,
      { box: played.containerNumber, seal: played.sealNumber },
    );
    expect(data).toEqual({
      passes: {
        nodes: [
          {
            outcome: 'CROSSED',
            exceptions: [],
            truckPlate: played.truckPlate,
            sealNumbers: [played.sealNumber],
            visit: { state: 'OPEN', transactions: [{ kind: 'DELIVER', fullness: 'LADEN' }] },
          },
        ],
      },
    });
    const shipment = await ask(
      acme.CUSTOMS_OFFICER,
      `query ($reference: String!) { shipment(reference: $reference) { status milestones { code reachedBy { containerNumber } } } }`,
      { reference: played.shipmentReference },
    );
    expect(shipment.data).toMatchObject({
      shipment: {
        milestones: [{ code: 'GTIN', reachedBy: [{ containerNumber: played.containerNumber }] }, { code: 'LOAD' }],
      },
    });
  });

  it('takes an import box out: one visit, closed', async () => {
    const played = await run('GATE_OUT_IMPORT');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toContain('ContainerGatedOut TERMINAL');
    const { data } = await ask(
      acme.GATE_OPERATOR,
      `query ($truck: LicencePlate!) { truckVisits(truck: $truck, longerThan: "PT29M") { nodes {
         state turnTime passes { exceptions laneTime } transactions { kind containerNumber } } }
         longer: truckVisits(truck: $truck, longerThan: "PT29M0.001S") { nodes { state } } }`,
      { truck: played.truckPlate },
    );
    expect(data).toEqual({
      truckVisits: {
        nodes: [
          {
            state: 'CLOSED',
            turnTime: 'PT29M',
            passes: [
              { exceptions: [], laneTime: 'PT20S' },
              { exceptions: [], laneTime: 'PT20S' },
            ],
            transactions: [{ kind: 'RECEIVE', containerNumber: played.containerNumber }],
          },
        ],
      },
      longer: { nodes: [] },
    });
  });

  it('turns a truck away: the company hears of its box, the operator why', async () => {
    const played = await run('REFUSED_PASS');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toEqual(['PassRefused TERMINAL']);
    expect(told(await eventsOf(acme.GATE_OPERATOR, played), 'TRUCK')).toEqual(['PassRefused TERMINAL']);
  });

  it('reads a number with a wrong check digit: a person names the box, and the gate-in follows', async () => {
    const played = await run('BAD_CHECK_DIGIT', acme.GATE_OPERATOR);
    expect(await eventsOf(acme.LOGISTICS, played)).toEqual([]);
    const { data } = await ask<{ unresolvedObservations: { nodes: { id: string; reason: string; seen: string }[] } }>(
      acme.GATE_OPERATOR,
      '{ unresolvedObservations(state: OPEN) { nodes { id reason seen } } }',
    );
    const reading = data?.unresolvedObservations.nodes.find(({ seen }) =>
      seen.startsWith(played.containerNumber.slice(0, 10)),
    );
    expect(reading?.reason).toBe('CHECK_DIGIT');
    const name = (container: string): Promise<Answer<object>> =>
      ask(
        acme.GATE_OPERATOR,
        `mutation ($input: ResolveObservationInput!, $key: IdempotencyKey!) { resolveObservation(input: $input, idempotencyKey: $key) { events { kind } } }`,
        { input: { id: reading?.id, container }, key: newId() },
      );
    // a box of the port's is not the sandbox's to name
    expect((await name(BOXES.reused)).errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'input.container', value: BOXES.reused },
    });
    expect((await name(played.containerNumber)).errors).toBeUndefined();
    expect(told(await eventsOf(acme.LOGISTICS, played), 'CONTAINER')).toContain('ContainerGatedIn TERMINAL late');
  });

  it('tells late what happened in the yard', async () => {
    const played = await run('LATE_EVENT');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toEqual([
      'ContainerGatedIn TERMINAL',
      'ZoneEntered TERMINAL',
      'ZoneEntered YARD late',
    ]);
    expect(told(await eventsOf(acme.GATE_OPERATOR, played), 'TRUCK')).toEqual([
      'ZoneEntered TERMINAL',
      'ZoneEntered YARD late',
      'ZoneExited YARD late',
    ]);
  });

  it('withdraws what turns out not to have been', async () => {
    const played = await run('WITHDRAWN_EVENT');
    const events = await eventsOf(acme.LOGISTICS, played);
    expect(told(events)).toContain('ZoneEntered YARD withdrawn');
    expect(told(events).filter((line) => line.startsWith('EventWithdrawn'))).toHaveLength(1);
  });

  it('is played once for its key, and each run has a box and a truck of its own', async () => {
    const key = newId();
    const first = await run('GATE_IN_EXPORT_FULL', acme.LOGISTICS, key);
    expect(await run('GATE_IN_EXPORT_FULL', acme.LOGISTICS, key)).toEqual(first);
    const second = await run('GATE_IN_EXPORT_FULL');
    expect(second.containerNumber).not.toBe(first.containerNumber);
    expect(second.truckPlate).not.toBe(first.truckPlate);
    expect(told(await eventsOf(acme.LOGISTICS, first))).toEqual(told(await eventsOf(acme.LOGISTICS, second)));
  });
});

describe('an integrator', () => {
  it('gets one run by subscription, webhook, query and export alike', async () => {
    const receiver = new Receiver();
    const address = await receiver.start();
    const created = await ask<{ createWebhook: { endpoint: { id: string } } }>(
      acme.LOGISTICS,
      `mutation ($url: String!, $key: IdempotencyKey!) { createWebhook(input: {url: $url, description: "mine"}, idempotencyKey: $key) { endpoint { id } } }`,
      { url: address, key: newId() },
    );
    expect(created.errors).toBeUndefined();
    const heard: string[] = [];
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${acme.LOGISTICS}` },
    });
    client.subscribe<{ eventRecorded: Told }>(
      { query: 'subscription { eventRecorded { kind asset { kind code } } }' },
      {
        next: ({ data }) => heard.push(`${data?.eventRecorded.kind ?? ''} ${data?.eventRecorded.asset.code ?? ''}`),
        error: (error) => heard.push(JSON.stringify(error)),
        complete: () => undefined,
      },
    );
    await until('the subscription to stand', async () => {
      const { values } = await server.metrics.subscriptions.get();
      return values.some(({ value }) => value > 0);
    });
    const { containerNumber } = await run('GATE_IN_EXPORT_FULL');
    const gateIn = `ContainerGatedIn ${containerNumber}`;
    await until(
      'the subscriber and the webhook to be told',
      () => heard.includes(gateIn) && receiver.heard.includes(gateIn),
    );
    const file = await fetch(
      `${url}/exports/v1/events.ndjson?args=${encodeURIComponent(JSON.stringify({ filter: { container: containerNumber } }))}`,
      { headers: { authorization: `Bearer ${acme.LOGISTICS}` } },
    );
    expect(await file.text()).toContain('"kind":"ContainerGatedIn"');
    await client.dispose();
    await receiver.stop();
  });
});

/** The integrator's own server. */
class Receiver {
  readonly heard: string[] = [];
  private server: Server | undefined;

  async start(): Promise<string> {
    this.server = createServer((incoming, answer) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (body += part));
      incoming.on('end', () => {
        const { type, data } = JSON.parse(body) as { type: string; data: { containerNumber: string } };
        this.heard.push(`${type} ${data.containerNumber}`);
        answer.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

describe('outside of a sandbox', () => {
  /** Everything that could show a run, in one text. */
  async function everything(token: string, { containerNumber, truckPlate, shipmentReference }: Run): Promise<string> {
    const box = { box: containerNumber };
    const answers = await Promise.all([
      ask(token, '{ sites { code } }'),
      ask(token, `{ zones(site: "${SITE}") { code } }`),
      ask(token, '{ lanes { code } }'),
      ask(token, '{ events(first: 200) { nodes { asset { code } site { code } } } }'),
      ask(token, `query ($box: ContainerNumber!) { events(filter: {container: $box}) { nodes { kind } } }`, box),
      ask(token, `query ($truck: LicencePlate!) { events(filter: {truck: $truck}) { nodes { kind } } }`, {
        truck: truckPlate,
      }),
      ask(token, '{ passes(first: 200) { nodes { containerNumbers site { code } } } }'),
      ask(token, '{ truckVisits(first: 200) { nodes { truckPlate } } }'),
      ask(token, '{ alerts(first: 200) { nodes { kind site { code } } } }'),
      ask(token, '{ shipments(first: 200) { nodes { reference } } }'),
      ask(token, `{ shipments(filter: {text: "${shipmentReference.slice(0, 7)}"}) { nodes { id } } }`),
      ask(token, `query ($id: ID!) { node(id: $id) { id ... on Site { code } } }`, { id: globalId('Site', SITE) }),
    ]);
    const refusals = await Promise.all([
      ask(token, `query ($box: ContainerNumber!) { container(number: $box) { status } }`, box),
      ask(token, `query ($reference: String!) { shipment(reference: $reference) { id } }`, {
        reference: shipmentReference,
      }),
      ask(token, `{ events(filter: {site: "${SITE}"}) { nodes { id } } }`),
    ]);
    const codes = refusals.map(({ data, errors }) => errors?.[0]?.extensions.code ?? JSON.stringify(data));
    return JSON.stringify([answers.map(({ data }) => data), codes]);
  }

  it('nobody sees anything of a run, in lists, nodes, filters and errors; its own people do', async () => {
    const played = await run('REFUSED_PASS');
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
        ask(
          token,
          '{ sites { code } events(first: 200) { nodes { asset { code } } } shipments { nodes { reference } } }',
        ),
        ask(token, `{ container(number: "${BOXES.reused}") { status } }`),
      ]);
      const text = JSON.stringify(lists.data ?? {});
      expect([name, ['CNNBO', BOXES.reused, 'TW-1', 'NB-1'].filter((word) => text.includes(word))]).toEqual([name, []]);
      expect([name, box.errors?.[0]?.extensions.code]).toEqual([name, 'NOT_FOUND']);
    }
    const shipments = await ask<{ shipments: { nodes: unknown[] } }>(port.customs, '{ shipments { nodes { id } } }');
    expect(shipments.data?.shipments.nodes).toHaveLength(Object.keys(SHIPMENTS).length);
  });

  it('no window on a box shows what is on the other side', async () => {
    const { containerNumber } = await run('GATE_IN_EXPORT_FULL');
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
      const { data } = await ask<{ container: object }>(
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
    const [first, second] = [await run('GATE_IN_EXPORT_FULL'), await run('GATE_IN_EXPORT_FULL')];
    const own = await ask<{ shipment: { id: string } }>(
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
      const { errors } = await ask(
        acme.LOGISTICS,
        `mutation ($input: ${type}!, $key: IdempotencyKey!) { ${name}(input: $input, idempotencyKey: $key) { shipment { id } } }`,
        { input, key: newId() },
      );
      codes.push(`${name} ${errors?.[0]?.extensions.code}`);
    }
    expect(codes).toEqual(deeds.map(([name]) => `${name} FORBIDDEN`));
    const seen = await ask<{ shipments: { nodes: { reference: string }[] } }>(
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
      const { errors } = await ask(
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
      const { errors } = await ask(token, RUN, { script: 'REFUSED_PASS', key: newId() });
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
      const { errors } = await ask(
        token,
        `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) { reportPass(input: $input, idempotencyKey: $key) { pass { id } } }`,
        { input, key: newId() },
      );
      return errors?.[0]?.extensions.code;
    };
    const { containerNumber, truckPlate } = await run('REFUSED_PASS');
    const lane = `${SITE}/G1-L1`;
    expect(await report(port.operatorA, LANE_A, '浙B12345', containerNumber)).toBe('INVALID_INPUT');
    expect(await report(port.operatorA, LANE_A, truckPlate, BOXES.nobody)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, truckPlate, BOXES.reused)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, '浙B12345', containerNumber)).toBe('INVALID_INPUT');
    expect(await report(acme.GATE_OPERATOR, lane, truckPlate, containerNumber)).toBeUndefined();
  });
});

describe('opening a sandbox', () => {
  it('again draws new tokens for the same one; a name that is none is refused', async () => {
    const again = await sandboxed('ACME');
    expect(again.LOGISTICS).not.toBe(acme.LOGISTICS);
    const site = await ask<{ sites: { code: string }[] }>(again.LOGISTICS, '{ sites { code } }');
    expect(site.data?.sites).toEqual([{ code: SITE }]);
    await expect(sandboxed('no name')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
