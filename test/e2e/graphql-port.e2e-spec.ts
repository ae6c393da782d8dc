import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { openStory, PASS, type Nodes, type Story } from './graphql-story.js';
import { BOXES, DAY, GATEWAY_A, HANDOVER, LANE_A, LANE_B, recordPass, SITE_A, SITE_B } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('a gate operator', () => {
  it('sees the passes, visits, devices and exceptions of the own terminal and of no other', async () => {
    const query = `{ passes { nodes { id lane { code } truckPlate containerNumbers events { kind } unresolved { seen } visit { truckPlate } } }
      truckVisits { nodes { transactions { containerNumber position pass { id } } passes { id } } }
      devices { code state frames } gateways { code unsentItems } lanes { code } alerts { nodes { kind unresolved { seen } } }
      unresolvedObservations { nodes { seen proposals { containerNumber because } } } refusedInputs(first: 2) { nodes { reason } pageInfo { hasNextPage } }
      events { nodes { site { code } } } }`;
    const own = await house.data<Record<string, Nodes<Record<string, unknown>>>>(house.tokens.operatorA, query);
    expect(own['passes']?.nodes).toEqual([
      {
        id: globalId('GatePass', SITE_A, PASS),
        lane: { code: LANE_A },
        truckPlate: '浙B12345',
        containerNumbers: [BOXES.reused, BOXES.northbank],
        events: [{ kind: 'ContainerGatedIn' }],
        unresolved: [{ seen: 'SIMU1000029' }],
        visit: { truckPlate: '浙B12345' },
      },
    ]);
    expect(own).toMatchObject({
      truckVisits: { nodes: [{ transactions: [{ containerNumber: BOXES.reused, position: 'REAR' }] }] },
      devices: [{ code: 'UHF', state: 'OPEN', frames: 7 }],
      gateways: [{ code: GATEWAY_A, unsentItems: 3 }],
      alerts: { nodes: [{ unresolved: { seen: 'SIMU1000029' } }] },
      refusedInputs: { nodes: [{}, {}], pageInfo: { hasNextPage: true } },
    });
    const other = await house.data<Record<string, Nodes<unknown>>>(house.tokens.operatorB, query);
    expect(other).toMatchObject({
      passes: { nodes: [] },
      truckVisits: { nodes: [] },
      devices: [],
      alerts: { nodes: [] },
      unresolvedObservations: { nodes: [] },
      events: { nodes: [{ site: { code: SITE_B } }] },
    });
    expect(
      await house.data(
        house.tokens.operatorB,
        `{ events(filter: { site: "${SITE_A}" }) { nodes { id } } passes(filter: { site: "${SITE_A}" }) { nodes { id } } }`,
      ),
    ).toEqual({
      events: { nodes: [] },
      passes: { nodes: [] },
    });
  });
});

describe('a pass of a lane that the port does not have', () => {
  it('is listed with the others, without its lane', async () => {
    const id = newId();
    await recordPass(house.database, {
      id,
      laneId: `${SITE_B}/G9-L9`,
      siteId: SITE_B,
      at: HANDOVER,
      containerNumbers: [],
    });
    expect(await house.data(house.tokens.operatorB, `{ passes { nodes { id lane { code } } } }`)).toEqual({
      passes: { nodes: [{ id: globalId('GatePass', SITE_B, id), lane: null }] },
    });
  });
});

describe('a customs officer', () => {
  it('pages through the events of all its sites without a gap or a repetition', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: { events: Nodes<{ id: string }> } = await house.data(
        house.tokens.customs,
        `query ($after: String) { events(first: 2, after: $after, filter: { includeWithdrawn: true }) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      seen.push(...page.events.nodes.map((node) => node.id));
      after = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
    } while (after !== null);
    const all = await house.data<{ events: Nodes<{ id: string }> }>(
      house.tokens.customs,
      `{ events(filter: { includeWithdrawn: true }) { nodes { id } } }`,
    );
    expect(seen).toEqual(all.events.nodes.map((node) => node.id));
    expect(new Set(seen).size).toBe(8);
  });

  it.each([
    ['kind', `kinds: [ContainerGatedOut]`, 1],
    ['box', `container: "${BOXES.northbank}"`, 1],
    ['truck', `truck: "浙B77777"`, 1],
    ['gate', `gate: "${SITE_A}/G1"`, 6],
    ['zone', `zone: "${SITE_B}/TERMINAL"`, 1],
    ['lane', `lane: "${LANE_B}"`, 1],
    [
      'period',
      `period: { from: "${new Date(HANDOVER - 2 * DAY).toISOString()}", to: "${new Date(HANDOVER - DAY).toISOString()}" }`,
      1,
    ],
  ])('narrows the events by %s', async (_name, filter, count) => {
    const { events } = await house.data<{ events: Nodes<unknown> }>(
      house.tokens.customs,
      `{ events(filter: { ${filter} }) { nodes { id } } }`,
    );
    expect(events.nodes).toHaveLength(count);
  });

  it('gets a box’s whole chain from all sources in time order, page by page', async () => {
    const links: { kind: string; at: string }[] = [];
    let after: string | null = null;
    do {
      const page: { container: { chain: Nodes<{ kind: string; at: string }> } } = await house.data(
        house.tokens.customs,
        `query ($after: String) { container(number: "${BOXES.reused}") { chain(first: 3, after: $after) { nodes { kind at summary summaryZh details node { id } } pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
      links.push(...page.container.chain.nodes);
      after = page.container.chain.pageInfo.hasNextPage ? page.container.chain.pageInfo.endCursor : null;
    } while (after !== null);
    expect(links.map((link) => link.kind)).toEqual([
      'BINDING',
      'EVENT',
      'EVENT',
      'OBSERVATION',
      'EVENT',
      'PASS',
      'EVENT',
      'EVENT',
      'EVENT',
    ]);
    expect(links.map((link) => link.at)).toEqual(links.map((link) => link.at).toSorted());
  });

  it('sees that a withdrawn event no longer stands and which event says so', async () => {
    const { events } = await house.data<{ events: Nodes<Record<string, unknown>> }>(
      house.tokens.customs,
      `{ events(filter: { container: "${BOXES.reused}", includeWithdrawn: true }) { nodes { id kind stands withdraws } } }`,
    );
    const exited = events.nodes.find((event) => event['kind'] === 'ZoneExited');
    expect(exited).toMatchObject({ stands: false });
    expect(events.nodes.find((event) => event['kind'] === 'EventWithdrawn')).toMatchObject({
      withdraws: exited?.['id'],
    });
  });
});
