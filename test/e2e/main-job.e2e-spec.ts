import { beforeAll, describe, expect, it } from '@jest/globals';
import { answersOf, type Answers } from '../support/answers.js';
import { buildOnce, House, type GraphqlAnswer, type HouseOptions } from '../support/house.js';

/**
 * A container passes a gate, and everyone who should know it knows: from the bytes on a reader's wire to the answers of the
 * three people and of a stranger, through the processes that users run.
 */
const LANE_3 = 'CNNBO-BLYUA/G1-L3';
const LANE_6 = 'CNNBO-BLYUA/G1-L6';
const TERMINAL = 'CNNBO-BLYUA/TERMINAL';

// fixtures/port: TRK-001 with its two tagged boxes, TRK-002 with two boxes that have no tag; both under company A.
const TAGGED = { truck: '浙BA1007', boxes: ['COSU6311696', 'OOLU9878205'], shipment: 'TWLBK1001' };
const UNTAGGED = { truck: '浙BB1048', boxes: ['YMLU7082323', 'TCLU4518491'], shipment: 'TWLBK1002' };

beforeAll(buildOnce);

/** Three houses of processes at once, beside other specs. */
const LONG_MS = 600_000;

/** Each test has a house of its own. */
async function inHouse(options: HouseOptions, work: (house: House) => Promise<void>): Promise<void> {
  const house = await House.open(options);
  try {
    await work(house);
  } finally {
    await house.close();
  }
}

function expectGatedIn(answers: Answers, day: typeof TAGGED): void {
  const operator = (answers.operator as { data: Record<string, { nodes: Record<string, unknown>[] }> }).data;
  expect(operator['passes']?.nodes).toHaveLength(1);
  expect(operator['passes']?.nodes[0]).toMatchObject({
    lane: { code: LANE_3 },
    direction: 'IN',
    directionSource: 'LOOPS',
    outcome: 'CROSSED',
    truckPlate: day.truck,
    exceptions: [],
  });
  expect([...(operator['passes']?.nodes[0]?.['containerNumbers'] as string[])].sort()).toEqual([...day.boxes].sort());
  expect(operator['truckVisits']?.nodes).toMatchObject([{ truckPlate: day.truck, state: 'OPEN' }]);
  expect(operator['alerts']?.nodes).toEqual([]);

  const { shipment } = (answers.company as { data: { shipment: Record<string, unknown> } }).data;
  const events = (
    shipment['events'] as { nodes: { kind: string; asset: { code: string }; zone: { code: string } | null }[] }
  ).nodes;
  expect(events.map(({ kind, asset, zone }) => `${kind} ${asset.code} ${zone?.code}`).sort()).toEqual(
    day.boxes.flatMap((box) => [`ContainerGatedIn ${box} ${TERMINAL}`, `ZoneEntered ${box} ${TERMINAL}`]).sort(),
  );
  expect(shipment).toMatchObject({ status: 'UNDER_WAY' });
  expect(shipment['containers']).toEqual(
    expect.arrayContaining(
      day.boxes.map((number) => ({
        number,
        container: { status: 'IN_TERMINAL', place: { zone: { code: TERMINAL } } },
      })),
    ),
  );
  const toCome = (shipment['milestonesToCome'] as { code: string }[]).map(({ code }) => code);
  expect(toCome).not.toContain('GTIN');
  expect(toCome.length).toBeGreaterThan(0);

  const customs = answers.customs as {
    data: {
      container: { status: string; chain: { nodes: { kind: string }[] } };
      events: { nodes: { kind: string; truckPlate: string }[] };
    };
  }[];
  for (const { data } of customs) {
    expect(data.container.status).toBe('IN_TERMINAL');
    expect(data.container.chain.nodes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['PASS', 'EVENT']));
    expect(data.events.nodes.map(({ kind }) => kind).sort()).toEqual(['ContainerGatedIn', 'ZoneEntered']);
    expect(data.events.nodes.find(({ kind }) => kind === 'ContainerGatedIn')?.truckPlate).toBe(day.truck);
  }
  expectStrangersKnowNothing(answers);
}

function expectStrangersKnowNothing(answers: Answers): void {
  const [boxes, lists, shipment] = answers.stranger as [GraphqlAnswer[], GraphqlAnswer[], GraphqlAnswer];
  for (const answer of [...boxes, shipment]) {
    expect(answer.data ?? null).toBeNull();
    expect(answer.errors?.map((error) => error.extensions['code'])).toEqual(['NOT_FOUND']);
  }
  for (const list of lists) expect(list.data).toEqual({ events: { nodes: [] } });
  for (const answer of answers.nobody as GraphqlAnswer[]) {
    expect(answer.errors?.map((error) => error.extensions['code'])).toEqual(['UNAUTHENTICATED']);
  }
}

const READERS = ['pty', 'tcp'] as const;

// Side by side, all of one block: most of a pass is waiting for the truck.
describe('a container passes a gate, and', () => {
  it.concurrent.each(READERS)(
    'a truck with two tagged boxes, a torn frame and noise is one pass, one visit and two gate-ins, and each is told what is theirs; its reader on a %s',
    (reader) =>
      inHouse({ reader, lanes: [LANE_3] }, async (house) => {
        await house.play('chuanshan-lane3-tagged-boxes');
        await house.passesStored(1);
        expectGatedIn(await answersOf(house, TAGGED), TAGGED);
      }),
    LONG_MS,
  );

  it.concurrent.each(READERS)(
    'a truck with two boxes that no reader knows and a camera reads is the same; its reader on a %s',
    (reader) =>
      inHouse({ reader, lanes: [LANE_3] }, async (house) => {
        await house.play('chuanshan-lane3-untagged-boxes');
        await house.passesStored(1);
        expectGatedIn(await answersOf(house, UNTAGGED), UNTAGGED);
      }),
    LONG_MS,
  );

  it.concurrent(
    'a truck that is turned away leaves a refused pass and PassRefused, and no visit, gate-in or zone entry',
    () =>
      inHouse({ reader: 'tcp', lanes: [LANE_3] }, async (house) => {
        await house.play('chuanshan-lane3-refused');
        await house.passesStored(1);
        const operator = house.token('GATE_OPERATOR');
        const answer = await house.ask(
          operator,
          '{ passes(first: 10) { nodes { outcome direction } } truckVisits(first: 10) { nodes { id } } events(first: 50) { nodes { kind } } }',
        );
        expect(answer.data).toMatchObject({
          passes: { nodes: [{ outcome: 'REFUSED', direction: 'IN' }] },
          truckVisits: { nodes: [] },
        });
        const kinds = (answer.data as { events: { nodes: { kind: string }[] } }).events.nodes.map(({ kind }) => kind);
        expect(new Set(kinds)).toEqual(new Set(['PassRefused']));
      }),
    LONG_MS,
  );

  it.concurrent(
    'a camera that misreads leaves an unresolved observation with proposals; a person’s choice writes the gate-in, and asking twice is one effect',
    () =>
      inHouse({ reader: 'tcp', lanes: [LANE_3] }, async (house) => {
        await house.play('chuanshan-lane3-wrong-check-digit');
        await house.passesStored(1);
        const operator = house.token('GATE_OPERATOR');
        const asked = await house.ask(
          operator,
          '{ unresolvedObservations(first: 10, state: OPEN) { nodes { id seen reason proposals { containerNumber } } } alerts(first: 10, state: OPEN) { nodes { kind } } }',
        );
        const data = asked.data as {
          unresolvedObservations: {
            nodes: { id: string; seen: string; reason: string; proposals: { containerNumber: string }[] }[];
          };
          alerts: { nodes: { kind: string }[] };
        };
        expect(data.unresolvedObservations.nodes).toMatchObject([{ seen: 'HMMU4292918', reason: 'CHECK_DIGIT' }]);
        expect(data.unresolvedObservations.nodes[0]?.proposals.map((p) => p.containerNumber)).toContain('HMMU4292913');
        expect(data.alerts.nodes.map(({ kind }) => kind)).toContain('UNRESOLVED_OBSERVATION');

        const resolve = `mutation ($id: ID!, $key: IdempotencyKey!) {
      resolveObservation(input: { id: $id, container: "HMMU4292913" }, idempotencyKey: $key) {
        observation { state chosenContainer } events { kind asset { code } late } } }`;
        const variables = { id: data.unresolvedObservations.nodes[0]?.id, key: 'resolve-0001' };
        const [first, second] = await Promise.all([
          house.ask(operator, resolve, variables),
          house.ask(operator, resolve, variables),
        ]);
        expect(first).toEqual(second);
        expect(first.data).toMatchObject({
          resolveObservation: { observation: { state: 'RESOLVED', chosenContainer: 'HMMU4292913' } },
        });
        const gatedIn = await house.ask(
          operator,
          '{ events(filter: { kinds: [ContainerGatedIn] }, first: 10) { nodes { asset { code } late } } }',
        );
        expect(gatedIn.data).toEqual({ events: { nodes: [{ asset: { code: 'HMMU4292913' }, late: true }] } });
      }),
    LONG_MS,
  );

  it.concurrent(
    'a box that leaves by lane 6 is gated out, and subscribers hear what is theirs',
    () =>
      inHouse({ reader: 'tcp', lanes: [LANE_3, LANE_6] }, async (house) => {
        const heard = {
          operator: await house.subscribe(
            house.token('GATE_OPERATOR'),
            'subscription { passRecorded { outcome containerNumbers closedAt } }',
          ),
          company: await house.subscribe(
            house.token('LOGISTICS'),
            'subscription { eventRecorded { kind asset { code } } }',
          ),
          customs: await house.subscribe(
            house.token('CUSTOMS_OFFICER'),
            'subscription { eventRecorded { kind asset { code } } }',
          ),
          stranger: await house.subscribe(
            house.token('STRANGER'),
            'subscription { eventRecorded { kind asset { code } } }',
          ),
        };
        await house.play('chuanshan-lane3-tagged-boxes');
        await house.play('chuanshan-lane6-out');
        await house.until('both passes at the operator', () => heard.operator.received.length >= 2);
        await house.until('the gate-out at customs', () =>
          heard.customs.received.some((r) => JSON.stringify(r).includes('ContainerGatedOut')),
        );
        const boxesHeard = (name: 'company' | 'stranger'): Set<string> =>
          new Set(heard[name].received.map((r) => (r['eventRecorded'] as { asset: { code: string } }).asset.code));
        await house.until('both boxes at their company', () =>
          TAGGED.boxes.every((box) => boxesHeard('company').has(box)),
        );
        expect(heard.operator.received).toMatchObject([
          { passRecorded: { outcome: 'CROSSED' } },
          { passRecorded: { outcome: 'CROSSED', containerNumbers: ['MSKU1743351'] } },
        ]);
        for (const box of boxesHeard('company')) expect(boxesHeard('stranger')).not.toContain(box);
        for (const { client } of Object.values(heard)) await client.dispose();
      }),
    LONG_MS,
  );
});
