import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openStory, type Nodes, type Story } from './graphql-story.js';
import { boxNumber, BOXES, DAY, HANDOVER, SITE_A } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('a logistics company', () => {
  it('sees the events of a reused box within its own window alone', async () => {
    const query = `query ($n: ContainerNumber!) { container(number: $n) { status events { nodes { kind occurredAt } } } }`;
    type Box = { container: { status: string; events: Nodes<{ kind: string }> } };
    const after = await house.data<Box>(house.tokens.tidewell, query, { n: BOXES.reused });
    expect(after.container.events.nodes.map((event) => event.kind)).toEqual([
      'EventWithdrawn',
      'ZoneEntered',
      'ContainerGatedIn',
    ]);
    expect(after.container.status).toBe('IN_TERMINAL');
    const before = await house.data<Box>(house.tokens.northbank, query, { n: BOXES.reused });
    expect(before.container.events.nodes.map((event) => event.kind)).toEqual(['ContainerGatedOut', 'ContainerGatedIn']);
    expect(before.container.status).toBe('OUT_OF_TERMINAL');
  });

  it('gets the box’s place from its state of now, or from the last event of a window that is over', async () => {
    const query = `query ($n: ContainerNumber!) { container(number: $n) { place { at longitude zone { code } site { code } } sizeType } }`;
    const now = await house.data(house.tokens.tidewell, query, { n: BOXES.reused });
    expect(now).toEqual({
      container: {
        place: {
          at: new Date(HANDOVER + DAY + 1).toISOString(),
          longitude: 122.05,
          zone: { code: `${SITE_A}/TERMINAL` },
          site: { code: SITE_A },
        },
        sizeType: null,
      },
    });
    const then = await house.data<{ container: { place: { at: string; longitude: null } } }>(
      house.tokens.northbank,
      query,
      {
        n: BOXES.reused,
      },
    );
    // gated out: the zone of the lane is what it left
    expect(then.container.place).toMatchObject({
      at: new Date(HANDOVER - DAY).toISOString(),
      longitude: null,
      zone: null,
    });
  });

  it('finds another’s box missing in the same bytes as one that does not exist', async () => {
    const answers = await Promise.all(
      [BOXES.northbank, BOXES.nobody, boxNumber(999_999)].map(async (number) => {
        const response = await request(house.url)
          .post('/graphql')
          .set('authorization', `Bearer ${house.tokens.tidewell}`)
          .send({
            query: `query ($n: ContainerNumber!) { container(number: $n) { number } }`,
            variables: { n: number },
          });
        return [response.status, response.text.replaceAll(number, 'BOX')];
      }),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(String(answers[0])).toContain('NOT_FOUND');
    expect(await house.codeOf(house.tokens.stranger, `{ container(number: "${BOXES.reused}") { number } }`)).toBe(
      'NOT_FOUND',
    );
  });

  it('finds its shipment by reference, booking and bill number, and no other’s', async () => {
    for (const reference of ['TW-1', 'TW-1-BKG', 'TW-1-BL']) {
      expect(
        await house.data(house.tokens.tidewell, `query ($r: String!) { shipment(reference: $r) { reference } }`, {
          r: reference,
        }),
      ).toEqual({
        shipment: { reference: 'TW-1' },
      });
      expect(await house.codeOf(house.tokens.northbank, `{ shipment(reference: "${reference}") { reference } }`)).toBe(
        'NOT_FOUND',
      );
    }
    const { shipments } = await house.data<{ shipments: Nodes<unknown> }>(
      house.tokens.stranger,
      `{ shipments { nodes { id } } }`,
    );
    expect(shipments.nodes).toEqual([]);
  });

  it('sees which milestones each box reached and which are to come', async () => {
    const { shipment } = await house.data<{ shipment: unknown }>(
      house.tokens.tidewell,
      `{ shipment(reference: "TW-1") { status milestones { code reached actualAt reachedBy { containerNumber event { kind } } }
         milestonesToCome { code } } }`,
    );
    expect(shipment).toEqual({
      status: 'UNDER_WAY',
      milestones: [
        {
          code: 'GTIN',
          reached: false,
          actualAt: null,
          reachedBy: [{ containerNumber: BOXES.reused, event: { kind: 'ContainerGatedIn' } }],
        },
        { code: 'LOAD', reached: false, actualAt: null, reachedBy: [] },
        { code: 'GTOT', reached: false, actualAt: null, reachedBy: [] },
      ],
      milestonesToCome: [{ code: 'GTIN' }, { code: 'LOAD' }, { code: 'GTOT' }],
    });
    // Northbank's second box came in within its window after the first had left again: both reached GTIN.
    const north = await house.data<{ shipment: { milestones: unknown[] } }>(
      house.tokens.northbank,
      `{ shipment(reference: "NB-1") { milestones { code reached actualAt } } }`,
    );
    expect(north.shipment.milestones[0]).toEqual({
      code: 'GTIN',
      reached: true,
      actualAt: new Date(HANDOVER + 2 * DAY).toISOString(),
    });
  });

  it('is told the truck only where it passed a gate with the box, and nothing of other boxes', async () => {
    const { events } = await house.data<{ events: Nodes<Record<string, unknown>> }>(
      house.tokens.tidewell,
      `{ events { nodes { kind truckPlate payload pass { id } } } }`,
    );
    expect(events.nodes.find((event) => event['kind'] === 'ContainerGatedIn')).toEqual({
      kind: 'ContainerGatedIn',
      truckPlate: '浙B12345',
      payload: { direction: 'IN', fullness: 'LADEN' },
      pass: null,
    });
    expect(events.nodes.find((event) => event['kind'] === 'ZoneEntered')).toMatchObject({ truckPlate: null });
    expect(JSON.stringify(events)).not.toContain(BOXES.northbank);
    const byTruck = await house.data<{ events: Nodes<{ kind: string }> }>(
      house.tokens.tidewell,
      `{ events(filter: { truck: "浙B12345" }) { nodes { kind } } }`,
    );
    expect(byTruck.events.nodes).toEqual([{ kind: 'ContainerGatedIn' }]);
  });

  it.each([
    ['passes', `{ passes { nodes { id } } }`],
    ['truckVisits', `{ truckVisits { nodes { id } } }`],
    ['devices', `{ devices { id } }`],
    ['lanes', `{ lanes { id } }`],
    ['alerts', `{ alerts { nodes { id } } }`],
    ['unresolvedObservations', `{ unresolvedObservations { nodes { id } } }`],
    ['refusedInputs', `{ refusedInputs { nodes { reason } } }`],
    ['chain', `{ container(number: "${BOXES.reused}") { chain { nodes { at } } } }`],
  ])('may not ask for %s', async (_name, query) => {
    expect(await house.codeOf(house.tokens.tidewell, query)).toBe('FORBIDDEN');
  });
});
