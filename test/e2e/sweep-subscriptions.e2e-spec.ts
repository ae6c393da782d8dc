import 'reflect-metadata';
import type { Role } from '#libs/identity';
import { announce } from '#libs/journal';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { total } from '../support/api-house.js';
import { until } from '../support/until.js';
import { expectSecretsKept, mayAsk, nameOf, openSweep, type Sweep } from './sweep-house.js';
import { maySee, planted, record, SECRETS, SIDES, type Asker, type Side } from './sweep-world.js';

let sweep: Sweep;

beforeAll(async () => {
  sweep = await openSweep();
});

afterAll(() => sweep.close());

/** Every subscription, with what its stream may tell; one that has no row here fails the sweep. */
const STREAMS: Readonly<Record<string, { readonly selection: string; readonly secrets: readonly string[] }>> = {
  hello: { selection: '', secrets: [] },
  eventRecorded: {
    selection: '{ kind asset { code } containerNumber truckPlate payload }',
    secrets: ['plate', 'loneTruck'],
  },
  passRecorded: { selection: '{ containerNumbers truckPlate }', secrets: [] },
  alertRaised: { selection: '{ deviceCode }', secrets: [] },
};
/** Whose pass and alert are told live. */
const TOLD: Readonly<Record<string, { readonly word: (side: Side) => string; readonly own: readonly Role[] }>> = {
  passRecorded: { word: (side) => planted(side).plate, own: ['GATE_OPERATOR', 'PORT_MONITOR', 'CUSTOMS_OFFICER'] },
  alertRaised: { word: (side) => planted(side).device, own: ['GATE_OPERATOR'] },
};

describe('every subscription', () => {
  it('tells each role what is theirs while it happens, and refuses the others', async () => {
    const names = Object.keys(sweep.schema.getSubscriptionType()?.getFields() ?? {});
    expect(Object.keys(STREAMS).toSorted()).toEqual(names.toSorted());
    const heard = new Map<string, string>();
    const refused = new Map<string, string>();
    for (const asker of sweep.askers) {
      const client = sweep.client(asker.token);
      for (const [name, stream] of Object.entries(STREAMS)) {
        const key = `${nameOf(asker)} ${name}`;
        heard.set(key, '');
        client.subscribe(
          { query: `subscription { ${name} ${stream.selection} }` },
          {
            next: (value) => {
              const [error] = value.errors ?? [];
              if (error === undefined) heard.set(key, (heard.get(key) ?? '') + JSON.stringify(value));
              else refused.set(key, String(error.extensions?.['code']));
            },
            error: (error) => refused.set(key, JSON.stringify(error)),
            complete: () => undefined,
          },
        );
      }
    }
    const asked = sweep.askers.flatMap(({ role }) => names.map((name) => mayAsk(`Subscription.${name}`, role)));
    const lasting = sweep.askers.flatMap(({ role }) =>
      names.filter((name) => name !== 'hello' && mayAsk(`Subscription.${name}`, role)),
    );
    await until(
      'those who may follow to follow',
      async () =>
        (await total(sweep.server.metrics.subscriptions)) === lasting.length &&
        refused.size === asked.filter((may) => !may).length,
    );
    for (const side of SIDES) {
      await record(sweep.database, side, 'live');
      const { site, ids } = planted(side);
      await sweep.database.write((tx) =>
        announce(tx, [
          { topic: 'pass', siteId: site, subjectId: ids.pass },
          { topic: 'alert', siteId: site, subjectId: ids.alert },
        ]),
      );
    }
    // What is told at once reaches the sockets in any order: each must have heard what it may before anybody's silence counts.
    await until('all to be told', () =>
      sweep.askers.every((asker) => names.every((name) => hasHeardAll(asker, name, heard))),
    );
    for (const asker of sweep.askers) {
      for (const name of names) {
        const key = `${nameOf(asker)} ${name}`;
        expect([key, refused.get(key)]).toEqual([
          key,
          mayAsk(`Subscription.${name}`, asker.role) ? undefined : 'FORBIDDEN',
        ]);
        expectSecretsKept(
          asker,
          heard.get(key) ?? '',
          mayAsk(`Subscription.${name}`, asker.role) ? STREAMS[name]?.secrets : [],
        );
        const told = TOLD[name];
        if (told === undefined) continue;
        for (const side of SIDES) {
          expect([key, side, heard.get(key)?.includes(told.word(side))]).toEqual([
            key,
            side,
            asker.side === side && told.own.includes(asker.role),
          ]);
        }
      }
    }
  });
});

function hasHeardAll(asker: Asker, name: string, heard: ReadonlyMap<string, string>): boolean {
  if (!mayAsk(`Subscription.${name}`, asker.role)) return true;
  const text = heard.get(`${nameOf(asker)} ${name}`) ?? '';
  const secrets = (STREAMS[name]?.secrets ?? []).map((secret) => SECRETS[secret]);
  const told = TOLD[name];
  return SIDES.every(
    (side) =>
      secrets.every(
        (secret) => secret === undefined || !maySee(asker, secret, side) || text.includes(secret.word(side)),
      ) &&
      (told === undefined || side !== asker.side || !told.own.includes(asker.role) || text.includes(told.word(side))),
  );
}
