import 'reflect-metadata';
import { derivedId, newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import {
  BOXES,
  buildWorld,
  DAY,
  fact,
  HANDOVER,
  LANE_A,
  LANE_B,
  recordPass,
  SITE_B,
  tell,
  type Tokens,
} from './graphql-world.js';

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(buildWorld, { liveLimits: { recheckMs: 200, subscriptionsPerSocket: 3 } });
});

afterAll(() => house.close());

const EVENTS = `subscription { eventRecorded { kind containerNumber truckPlate payload lane { code } } }`;
type Event = { eventRecorded: { kind: string; containerNumber: string } };

describe('subscriptions', () => {
  it('tell each what they may see, and nobody else', async () => {
    const tidewell = await house.listen<Event>(house.tokens.tidewell, EVENTS);
    const northbank = await house.listen<Event>(house.tokens.northbank, EVENTS);
    const stranger = await house.listen<Event>(house.tokens.stranger, EVENTS);
    const customs = await house.listen<Event>(house.tokens.customs, EVENTS);
    const operatorB = await house.listen<Event>(house.tokens.operatorB, EVENTS);
    await tell(
      house.database,
      fact('to tidewell', { occurredAt: HANDOVER + DAY }),
      fact('to northbank', { occurredAt: HANDOVER - DAY }),
      fact('to northbank too', { asset: { kind: 'CONTAINER', code: BOXES.northbank } }),
    );
    await until(
      'three to be told',
      () => customs.values.length === 3 && northbank.values.length === 2 && tidewell.values.length === 1,
    );
    expect(tidewell.values).toEqual([
      {
        eventRecorded: {
          kind: 'ContainerGatedIn',
          containerNumber: BOXES.reused,
          truckPlate: '浙B12345',
          payload: { direction: 'IN', fullness: 'LADEN' },
          lane: { code: LANE_A },
        },
      },
    ]);
    // The page that told the others is over: whoever was to hear of it has heard.
    await tell(
      house.database,
      fact('a later one', { siteId: SITE_B, laneId: LANE_B, asset: { kind: 'TRUCK', code: '浙B1' } }),
    );
    await until('the later one to be told', () => operatorB.values.length === 1 && customs.values.length === 4);
    expect(stranger.values).toEqual([]);
    expect(tidewell.values).toHaveLength(1);
    for (const heard of [tidewell, northbank, stranger, customs, operatorB]) heard.stop();
  });

  it('tell each event before the next one is committed', async () => {
    const heard = await house.listen<Event>(house.tokens.customs, EVENTS);
    const delays: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      const event = fact(`timed ${at}`, { occurredAt: HANDOVER + 2 * DAY + at });
      await tell(house.database, event);
      const committed = performance.now();
      await until(`event ${at}`, () => heard.values.length === at + 1, { everyMs: 1 });
      delays.push(performance.now() - committed);
    }
    heard.stop();
    // The promise is a second; what it takes here is printed, not judged: every other spec's transactions are waited for too.
    process.stderr.write(`commit to subscriber, ms: ${delays.map((ms) => ms.toFixed(0)).join(' ')}\n`);
  });

  it('narrow by filter, and tell passes to operators with their relations read anew', async () => {
    const filtered = await house.listen<Event>(
      house.tokens.customs,
      EVENTS.replace('Recorded', 'Recorded(filter: { kinds: [ContainerGatedOut] })'),
    );
    const passes = await house.listen<{ passRecorded: { events: unknown[] } }>(
      house.tokens.operatorA,
      `subscription { passRecorded(lanes: ["${LANE_A}"]) { containerNumbers events { kind } } }`,
    );
    const id = derivedId('live pass');
    await tell(
      house.database,
      fact('in', { passId: id, occurredAt: HANDOVER + 3 * DAY }),
      fact('out', { kind: 'ContainerGatedOut', occurredAt: HANDOVER + 3 * DAY }),
    );
    await recordPass(house.database, { id, at: HANDOVER + 3 * DAY, containerNumbers: [BOXES.reused] });
    await until('an event and a pass', () => filtered.values.length === 1 && passes.values.length === 1);
    expect(filtered.values[0]?.eventRecorded.kind).toBe('ContainerGatedOut');
    expect(passes.values[0]?.passRecorded).toEqual({
      containerNumbers: [BOXES.reused],
      events: [{ kind: 'ContainerGatedIn' }],
    });
    filtered.stop();
    passes.stop();
  });

  it('are refused to the wrong role, with bad input and beyond a socket’s limit, each with a code', async () => {
    const codes = async (token: string, query: string, client?: Client): Promise<unknown> => {
      const heard = await house.listen(token, query, client ?? house.client(token));
      await until('the refusal', () => heard.ends.length > 0);
      return (heard.ends[0] as { extensions: { code: string } }[])[0]?.extensions.code;
    };
    expect(await codes(house.tokens.tidewell, `subscription { passRecorded { id } }`)).toBe('FORBIDDEN');
    expect(await codes(house.tokens.customs, `subscription { eventRecorded(filter: { container: "X" }) { id } }`)).toBe(
      'INVALID_CONTAINER_NUMBER',
    );
    expect(await codes(house.tokens.customs, `subscription { nonsense }`)).toBe('INVALID_INPUT');
    const one = house.client(house.tokens.customs);
    const kept = [];
    for (let at = 0; at < 3; at += 1) kept.push(await house.listen(house.tokens.customs, EVENTS, one));
    expect(await codes(house.tokens.customs, EVENTS, one)).toBe('LIMIT_EXCEEDED');
    for (const heard of kept) heard.stop();
  });

  it('end when their token is revoked, and tell nothing after', async () => {
    const token = 'a-token-to-be-revoked';
    await house.database.write((tx) =>
      tx.query(
        `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role)
         SELECT $1, sha256($2), person_id, organisation_id, role FROM membership WHERE role = 'CUSTOMS_OFFICER'`,
        [newId(), Buffer.from(token)],
      ),
    );
    const heard = await house.listen<Event>(token, EVENTS);
    await house.database.write((tx) =>
      tx.query(`UPDATE access_token SET revoked_at = now() WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );
    await until('the end', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403 });
    const another = await house.listen<Event>(house.tokens.customs, EVENTS);
    await tell(house.database, fact('after the end', { occurredAt: HANDOVER + 4 * DAY }));
    await until('another to be told', () => another.values.length === 1);
    expect(heard.values).toEqual([]);
    another.stop();
  });

  it.each([
    ['is ended', `ended_at = now()`],
    ['has not been used for an hour', `used_at = now() - interval '1 hour'`],
    ['goes on for another role', `role = 'DRIVER'`],
  ])('end when the session that they were begun in %s', async (_what, change) => {
    const token = `bxs_${newId()}`;
    await house.database.write(async (tx) => {
      await tx.query(
        `INSERT INTO membership SELECT person_id, organisation_id, 'DRIVER' FROM membership WHERE role = 'LOGISTICS'
         ON CONFLICT DO NOTHING`,
      );
      await tx.query(
        `INSERT INTO session (id, token_hash, person_id, organisation_id, role, method, ends_at)
         SELECT $1, sha256($2), person_id, organisation_id, role, 'PASSWORD', now() + interval '1 hour'
         FROM membership WHERE role = 'LOGISTICS' LIMIT 1`,
        [newId(), Buffer.from(token)],
      );
    });
    const heard = await house.listen<Event>(token, EVENTS);
    expect(heard.ends).toEqual([]);
    await house.database.write((tx) =>
      tx.query(`UPDATE session SET ${change} WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );
    await until('the end', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403 });
  });
});
