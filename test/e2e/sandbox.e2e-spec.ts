import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SANDBOX_SCRIPTS } from '../../apps/server/src/sandbox/sandbox-scripts.js';
import type { Answer } from '../support/api-house.js';
import { until } from '../support/until.js';
import { BOXES } from './graphql-world.js';
import { openSandboxHouse, SITE, type People, type Run, type SandboxHouse } from './sandbox-house.js';

let house: SandboxHouse;
let acme: People;

beforeAll(async () => {
  house = await openSandboxHouse();
  ({ acme } = house);
});

afterAll(() => house.close());

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
  const { data, errors } = await house.ask<{ events: { nodes: Told[] } }>(
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
    const { data } = await house.ask<{ sandboxScripts: { script: string; plays: string; expects: string[] }[] }>(
      acme.LOGISTICS,
      '{ sandboxScripts { script plays playsZh expects } }',
    );
    expect(data?.sandboxScripts.map(({ script }) => script)).toEqual(Object.keys(SANDBOX_SCRIPTS));
  });

  it('brings a laden export box in, as company, gate operator and customs see it', async () => {
    const played = await house.run('GATE_IN_EXPORT_FULL');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toEqual(['ContainerGatedIn TERMINAL', 'ZoneEntered TERMINAL']);
    const { data } = await house.ask(
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
    const shipment = await house.ask(
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
    const played = await house.run('GATE_OUT_IMPORT');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toContain('ContainerGatedOut TERMINAL');
    const { data } = await house.ask(
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
    const played = await house.run('REFUSED_PASS');
    expect(told(await eventsOf(acme.LOGISTICS, played))).toEqual(['PassRefused TERMINAL']);
    expect(told(await eventsOf(acme.GATE_OPERATOR, played), 'TRUCK')).toEqual(['PassRefused TERMINAL']);
  });

  it('reads a number with a wrong check digit: a person names the box, and the gate-in follows', async () => {
    const played = await house.run('BAD_CHECK_DIGIT', acme.GATE_OPERATOR);
    expect(await eventsOf(acme.LOGISTICS, played)).toEqual([]);
    const { data } = await house.ask<{
      unresolvedObservations: { nodes: { id: string; reason: string; seen: string }[] };
    }>(acme.GATE_OPERATOR, '{ unresolvedObservations(state: OPEN) { nodes { id reason seen } } }');
    const reading = data?.unresolvedObservations.nodes.find(({ seen }) =>
      seen.startsWith(played.containerNumber.slice(0, 10)),
    );
    expect(reading?.reason).toBe('CHECK_DIGIT');
    const name = (container: string): Promise<Answer<object>> =>
      house.ask(
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
    const played = await house.run('LATE_EVENT');
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
    const played = await house.run('WITHDRAWN_EVENT');
    const events = await eventsOf(acme.LOGISTICS, played);
    expect(told(events)).toContain('ZoneEntered YARD withdrawn');
    expect(told(events).filter((line) => line.startsWith('EventWithdrawn'))).toHaveLength(1);
  });

  it('is played once for its key, and each run has a box and a truck of its own', async () => {
    const key = newId();
    const first = await house.run('GATE_IN_EXPORT_FULL', acme.LOGISTICS, key);
    expect(await house.run('GATE_IN_EXPORT_FULL', acme.LOGISTICS, key)).toEqual(first);
    const second = await house.run('GATE_IN_EXPORT_FULL');
    expect(second.containerNumber).not.toBe(first.containerNumber);
    expect(second.truckPlate).not.toBe(first.truckPlate);
    expect(told(await eventsOf(acme.LOGISTICS, first))).toEqual(told(await eventsOf(acme.LOGISTICS, second)));
  });
});

describe('an integrator', () => {
  it('gets one run by subscription, webhook, query and export alike', async () => {
    const receiver = new Receiver();
    const address = await receiver.start();
    const created = await house.ask<{ createWebhook: { endpoint: { id: string } } }>(
      acme.LOGISTICS,
      `mutation ($url: String!, $key: IdempotencyKey!) { createWebhook(input: {url: $url, description: "mine"}, idempotencyKey: $key) { endpoint { id } } }`,
      { url: address, key: newId() },
    );
    expect(created.errors).toBeUndefined();
    const subscriber = await house.listen<{ eventRecorded: Told }>(
      acme.LOGISTICS,
      'subscription { eventRecorded { kind asset { kind code } } }',
    );
    const heard = (): string[] =>
      subscriber.values.map(({ eventRecorded: { kind, asset } }) => `${kind} ${asset.code}`);
    const { containerNumber } = await house.run('GATE_IN_EXPORT_FULL');
    const gateIn = `ContainerGatedIn ${containerNumber}`;
    await until(
      'the subscriber and the webhook to be told',
      () => heard().includes(gateIn) && receiver.heard.includes(gateIn),
    );
    const file = await fetch(
      `${house.url}/exports/v1/events.ndjson?args=${encodeURIComponent(JSON.stringify({ filter: { container: containerNumber } }))}`,
      { headers: { authorization: `Bearer ${acme.LOGISTICS}` } },
    );
    expect(await file.text()).toContain('"kind":"ContainerGatedIn"');
    await receiver.stop();
  });
});

describe('opening a sandbox', () => {
  it('again draws new tokens for the same one; a name that is none is refused', async () => {
    const again = await house.sandboxed('ACME');
    expect(again.LOGISTICS).not.toBe(acme.LOGISTICS);
    const site = await house.ask<{ sites: { code: string }[] }>(again.LOGISTICS, '{ sites { code } }');
    expect(site.data?.sites).toEqual([{ code: SITE }]);
    await expect(house.sandboxed('no name')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
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
