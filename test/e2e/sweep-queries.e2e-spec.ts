import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType, isRequiredArgument } from 'graphql';
import { exportDocuments } from '../../apps/server/src/exports/export-document.js';
import { CASE, codesOf, type Answer } from '../support/api-house.js';
import { sessionsOf } from './sweep-credentials.js';
import { expectSecretsKept, mayAsk, nameOf, openSweep, type Sweep } from './sweep-house.js';
import { idsOf, planted, SIDES, type Asker, type Side } from './sweep-world.js';

let sweep: Sweep;

beforeAll(async () => {
  sweep = await openSweep();
});

afterAll(() => sweep.close());

/** Arguments that an operation needs, aimed at a side; an operation that needs some and has no row here fails the sweep. */
const QUERY_ARGS: Readonly<Record<string, (side: Side) => string>> = {
  container: (side) => `(number: "${planted(side).box}")`,
  shipment: (side) => `(reference: "${planted(side).reference}")`,
  zones: (side) => `(site: "${planted(side).site}")`,
  // without it one's own
  sessions: sessionsOf,
};

/** Everything that somebody is answered when asking everything of both sides. */
async function allAnswers({ role, token }: Asker): Promise<string> {
  let text = '';
  const note = (operation: string, answer: Answer, told = JSON.stringify(answer)): void => {
    const allowed = mayAsk(operation, role) ? ['FORBIDDEN', 'NOT_FOUND'] : ['FORBIDDEN'];
    for (const code of codesOf(answer))
      expect([operation, allowed.includes(code), code]).toEqual([operation, true, code]);
    if (!mayAsk(operation, role)) expect([operation, codesOf(answer).length > 0]).toEqual([operation, true]);
    // What the auditor reads there is what everybody asked for.
    if (operation !== 'Query.auditRecords' || !mayAsk(operation, role)) text += told;
  };
  for (const field of Object.values(sweep.schema.getQueryType()?.getFields() ?? {})) {
    if (field.name === 'node') continue;
    const args = QUERY_ARGS[field.name];
    expect([field.name, field.args.some(isRequiredArgument) && args === undefined]).toEqual([field.name, false]);
    for (const side of args === undefined ? (['near'] as const) : SIDES) {
      const query = `{ ${field.name}${args?.(side) ?? ''} ${sweep.selection(getNamedType(field.type).name, 2)} }`;
      const answer = await sweep.ask(token, query);
      // what was asked for stands in the error: it is no news
      note(`Query.${field.name}`, answer, args === undefined || answer.data ? undefined : codesOf(answer).join());
    }
  }
  for (const id of SIDES.flatMap(idsOf)) {
    const type = Buffer.from(id, 'base64url').toString('utf8').split(':')[0] ?? '';
    note(
      'Query.node',
      await sweep.ask(
        token,
        `query ($id: ID!) { node(id: $id) { __typename ... on ${type} ${sweep.selection(type, 2)} } }`,
        {
          id,
        },
      ),
    );
  }
  return text;
}

describe('every query', () => {
  it('tells each role what is theirs, and nobody what is the other side’s, through node(id) and errors too', async () => {
    for (const asker of sweep.askers) expectSecretsKept(asker, await allAnswers(asker));
  });

  it('tells nobody without a token anything', async () => {
    for (const field of Object.values(sweep.schema.getQueryType()?.getFields() ?? {})) {
      const args =
        field.name === 'node' ? `(id: "${idsOf('near')[0] ?? ''}")` : (QUERY_ARGS[field.name]?.('near') ?? '');
      const answer = await sweep.ask(
        null,
        `{ ${field.name}${args} ${sweep.selection(getNamedType(field.type).name, 0)} }`,
      );
      expect([field.name, codesOf(answer)]).toEqual([field.name, ['UNAUTHENTICATED']]);
    }
  });
});

describe('every export', () => {
  it('gives each role what its list gives', async () => {
    const lists = [...exportDocuments(sweep.schema).keys()];
    expect(lists).toEqual(expect.arrayContaining(['events', 'passes', 'shipments']));
    for (const asker of sweep.askers) {
      let text = '';
      for (const list of lists) {
        const answer = await fetch(`${sweep.url}/exports/v1/${list}.ndjson`, {
          headers: { authorization: `Bearer ${asker.token}`, 'x-case-number': CASE },
        });
        const body = await answer.text();
        expect([nameOf(asker), list, answer.status]).toEqual([
          nameOf(asker),
          list,
          mayAsk(`Query.${list}`, asker.role) ? 200 : 403,
        ]);
        if (list !== 'auditRecords' || !mayAsk('Query.auditRecords', asker.role)) text += body;
      }
      // boxes of shipments, endpoints and sessions are no lists at the root
      expectSecretsKept(asker, text, ['plate', 'loneTruck', 'reference', 'refusal', 'service', 'token', 'colleague']);
    }
    expect((await fetch(`${sweep.url}/exports/v1/events.csv`)).status).toBe(401);
  });
});
