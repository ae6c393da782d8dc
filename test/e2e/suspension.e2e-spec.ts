import 'reflect-metadata';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { until } from '../support/until.js';
import { allReadable } from '../support/readable.js';
import { BOXES, DAY, fact, HANDOVER, ORGANISATIONS, SITE_B, tell } from './graphql-world.js';
import { openOrganisationsHouse, type OrganisationsHouse } from './organisations-house.js';

let house: OrganisationsHouse;

beforeAll(async () => {
  house = await openOrganisationsHouse();
});

afterAll(() => house.close());

const LIVE = `subscription { eventRecorded { id containerNumber } }`;
type Told = { eventRecorded: { containerNumber: string } };

/** A company's own server that takes every message. */
async function receiver(): Promise<{ readonly url: string; readonly bodies: string[]; close(): Promise<void> }> {
  const bodies: string[] = [];
  const server = createServer((incoming, answer) => {
    let body = '';
    incoming.on('data', (part: Buffer) => (body += part.toString('utf8')));
    incoming.on('end', () => {
      bodies.push(body);
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    bodies,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const exportOf = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) =>
    get(`${house.url}/exports/v1/events.ndjson`, { headers: { authorization: `Bearer ${token}` } }, resolve).on(
      'error',
      reject,
    ),
  );

describe('a suspension', () => {
  it('is there at once: questions are refused, what is followed is closed, webhooks and exports stop, until it is lifted', async () => {
    const { tidewell, northbank } = house.tokens;
    const id = globalId('Organisation', ORGANISATIONS.tidewell);
    const happen = (cause: string): Promise<string[]> =>
      tell(
        house.database,
        fact(`${cause} tidewell`, { asset: { kind: 'CONTAINER', code: BOXES.tidewell }, occurredAt: HANDOVER + DAY }),
        fact(`${cause} northbank`, { asset: { kind: 'CONTAINER', code: BOXES.northbank }, occurredAt: HANDOVER + DAY }),
      );
    await happen('long before');
    // More than goes into the sockets on the way: the rest waits for its reader.
    await house.database.write((tx) =>
      tx.query(
        `INSERT INTO tracking_event (site_id, id, kind, occurred_at, received_at, asset_kind, asset_code, container_number, source, causes, payload, hash)
         SELECT site_id, gen_random_uuid(), kind, occurred_at + n * interval '1 s', received_at, asset_kind, asset_code, container_number,
                source, causes, jsonb_build_object('direction', repeat('x', 4000)), hash
         FROM tracking_event, generate_series(1, 6000) AS n WHERE container_number = $1`,
        [BOXES.tidewell],
      ),
    );
    // The webhook begins behind what is readable when it is made.
    await allReadable(house.database);
    const hooks = await receiver();
    await house.data(
      tidewell,
      `mutation ($input: CreateWebhookInput!, $key: IdempotencyKey!) { createWebhook(input: $input, idempotencyKey: $key) { secret } }`,
      { input: { url: hooks.url, description: 'ours' }, key: newId() },
    );
    const heard = await house.listen<Told>(tidewell, LIVE);
    const others = await house.listen<Told>(northbank, LIVE);
    await happen('before');
    await until(
      'all to be told',
      () => heard.values.length === 1 && others.values.length === 1 && hooks.bodies.length === 1,
    );

    const file = await exportOf(tidewell);
    file.pause();
    expect(file.statusCode).toBe(200);

    expect(await house.step(house.security, 'suspendOrganisation', id, 'false papers')).toBe('OK');
    await until('the socket to be closed', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403, reason: 'ORGANISATION_SUSPENDED' });
    const { errors } = await house.ask(tidewell, `{ shipments { nodes { id } } }`);
    expect(errors?.[0]?.extensions.code).toBe('ORGANISATION_SUSPENDED');
    expect(await house.book(tidewell)).toBe('ORGANISATION_SUSPENDED');
    expect((await exportOf(tidewell)).statusCode).toBe(403);
    const again = await house.listen<Told>(tidewell, LIVE);
    expect(again.ends[0]).toMatchObject({ code: 4403, reason: 'ORGANISATION_SUSPENDED' });
    const broken = new Promise<string>((resolve) => {
      file.on('error', () => resolve('cut'));
      file.on('end', () => resolve('whole'));
    });
    file.resume();
    expect(await broken).toBe('cut');

    await happen('during');
    await until('the others to be told', () => others.values.length === 2);
    const disabled = async (): Promise<boolean> => {
      const [row] = await house.database.write((tx) =>
        tx.query(`SELECT state FROM webhook_endpoint WHERE organisation_id = $1`, [ORGANISATIONS.tidewell]),
      );
      return row?.['state'] === 'DISABLED';
    };
    await until('the webhook to be disabled', disabled);
    expect(hooks.bodies.length).toBe(1);
    expect(heard.values.length).toBe(1);
    expect((await house.ask(northbank, `{ shipments { nodes { id } } }`)).errors).toBeUndefined();

    expect(await house.step(house.security, 'liftSuspension', id, 'they were right')).toBe('OK');
    expect(await house.standing(id)).toMatchObject({
      state: 'VERIFIED',
      history: [
        { command: 'LIFT', reason: 'they were right' },
        { command: 'SUSPEND', reason: 'false papers' },
      ],
    });
    expect(await house.book(tidewell)).toBe('OK');
    const later = await house.listen<Told>(tidewell, LIVE);
    await happen('after');
    await until('tidewell to be told again', () => later.values.length === 1);
    later.stop();
    others.stop();
    await hooks.close();
  });
});

describe('a right that is taken', () => {
  const ofToken = (what: string) => (token: string) =>
    house.database.write((tx) =>
      tx.query(`UPDATE access_token SET ${what} WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );

  it.each([
    ['a token is revoked', 'UNAUTHENTICATED', ofToken('revoked_at = now()')],
    ['a token is to end in a moment', 'UNAUTHENTICATED', ofToken(`expires_at = now() + interval '300 ms'`)],
    [
      'a site is no longer its organisation’s',
      'Your rights have changed: connect again',
      () =>
        house.database.write((tx) =>
          tx.query('UPDATE organisation_site SET site_id = $2 WHERE organisation_id = $1', [
            ORGANISATIONS.terminalA,
            SITE_B,
          ]),
        ),
    ],
  ])('closes what is followed when %s, and nobody else’s', async (_what, reason, take) => {
    const token = await house.member(ORGANISATIONS.terminalA, 'GATE_OPERATOR');
    const heard = await house.listen<Told>(token, LIVE);
    const other = await house.listen<Told>(house.tokens.operatorB, LIVE);
    expect([heard.ends, other.ends]).toEqual([[], []]);
    await take(token);
    await until('the socket to be closed', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403, reason });
    expect(other.ends).toEqual([]);
    other.stop();
  });
});
