import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CASE, openApiHouse, type ApiHouse } from '../support/api-house.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, recordPass, SITE_A, tell, type Tokens } from './graphql-world.js';

/** More than two pages. */
const EVENTS = 450;

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(async (database) => {
    const tokens = await buildWorld(database);
    await tell(
      database,
      ...Array.from({ length: EVENTS }, (_, at) => fact(`many ${at}`, { occurredAt: HANDOVER + DAY + at * 1_000 })),
      fact('of northbank', { asset: { kind: 'CONTAINER', code: BOXES.northbank }, occurredAt: HANDOVER - DAY }),
    );
    await recordPass(database, { id: newId(), at: HANDOVER + DAY, containerNumbers: [BOXES.reused] });
    return tokens;
  });
});

afterAll(() => house.close());

async function exported(token: string | null, file: string, args?: object) {
  const asked = request(house.url)
    .get(`/exports/v1/${file}`)
    .query(args === undefined ? {} : { args: JSON.stringify(args) })
    .buffer(true)
    .parse((answer, done) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => done(null, text));
    });
  const answer = await (token === null
    ? asked
    : asked.set('authorization', `Bearer ${token}`).set('x-case-number', CASE));
  return { status: answer.status, headers: answer.headers as Record<string, string>, text: answer.body as string };
}

const codeOf = ({ text }: { readonly text: string }): string =>
  (JSON.parse(text) as { error: { code: string } }).error.code;

describe('an export', () => {
  it('holds every row of the list, page after page, and says how far it is', async () => {
    const { status, headers, text } = await exported(house.tokens.customs, 'events.ndjson', {
      filter: { container: BOXES.reused, period: { from: new Date(HANDOVER).toISOString() } },
    });
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(EVENTS);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(EVENTS);
    expect(rows[0]).toMatchObject({ kind: 'ContainerGatedIn', containerNumber: BOXES.reused, site: { code: SITE_A } });
    const progress = await request(house.url)
      .get(`/exports/v1/progress/${headers['x-export-id'] ?? ''}`)
      .set('authorization', `Bearer ${house.tokens.customs}`)
      .set('x-case-number', CASE);
    expect(progress.body).toEqual({ id: headers['x-export-id'], state: 'DONE', rows: EVENTS, fraction: 1 });
    const foreign = await request(house.url)
      .get(`/exports/v1/progress/${headers['x-export-id'] ?? ''}`)
      .set('authorization', `Bearer ${house.tokens.tidewell}`);
    expect(foreign.status).toBe(404);
  });

  it('as CSV opens in a spreadsheet: byte order mark, columns, one line a row', async () => {
    const { headers, text } = await exported(house.tokens.operatorA, 'passes.csv');
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toBe('attachment; filename="passes.csv"');
    const [head = '', row = ''] = text.split('\r\n');
    expect(text.startsWith('\ufeff')).toBe(true);
    const columns = head.slice(1).split(',');
    expect(columns).toEqual(expect.arrayContaining(['id', 'site.code', 'lane.code', 'truckPlate', 'containerNumbers']));
    expect(row.split(',')[columns.indexOf('containerNumbers')]).toBe(BOXES.reused);
  });

  it('gives a company its windows alone, masked as its list is', async () => {
    const { text } = await exported(house.tokens.northbank, 'events.csv');
    expect(text).toContain(BOXES.northbank);
    expect(text).not.toContain(BOXES.reused);
    const stranger = await exported(house.tokens.stranger, 'events.csv');
    expect(stranger.text.trimEnd().split('\r\n')).toHaveLength(1);
  });

  it('is refused where the list is, with the list’s own code', async () => {
    expect(codeOf(await exported(null, 'events.csv'))).toBe('UNAUTHENTICATED');
    expect(codeOf(await exported(house.tokens.tidewell, 'passes.csv'))).toBe('FORBIDDEN');
    expect(codeOf(await exported(house.tokens.customs, 'secrets.csv'))).toBe('NOT_FOUND');
    expect(codeOf(await exported(house.tokens.customs, 'events.xlsx'))).toBe('NOT_FOUND');
    expect(codeOf(await exported(house.tokens.customs, 'events.csv', { filter: { container: 'X' } }))).toBe(
      'INVALID_CONTAINER_NUMBER',
    );
    expect(codeOf(await exported(house.tokens.customs, 'events.csv', { nonsense: 1 }))).toBe('INVALID_INPUT');
    expect(codeOf(await exported(house.tokens.customs, 'events.csv', { first: 1_000_000 }))).toBe('INVALID_INPUT');
  });
});
