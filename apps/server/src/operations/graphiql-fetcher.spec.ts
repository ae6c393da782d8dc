import { describe, expect, it } from '@jest/globals';
import { fetcherOf, type Page } from './graphiql-fetcher.js';

interface Heard {
  readonly over: 'http' | 'ws';
  readonly asked: unknown;
  readonly authorization: unknown;
  readonly caseNumber: unknown;
}

function pageThat(heard: Heard[], token: string, caseNumber = ''): Page {
  return {
    origin: 'http://host:1',
    token: () => token,
    caseNumber: () => caseNumber,
    fetch: (_url, { body, headers }) => {
      const { authorization, 'x-case-number': named } = headers as Record<string, string>;
      heard.push({ over: 'http', asked: JSON.parse(body as string), authorization, caseNumber: named });
      return Promise.resolve(Response.json({ data: 'answered' }));
    },
    createClient: ({ connectionParams }) =>
      ({
        iterate: (asked: unknown) => {
          const { authorization, 'x-case-number': named } = connectionParams as Record<string, string>;
          heard.push({ over: 'ws', asked, authorization, caseNumber: named });
          const closed = Object.assign(new Error(), { code: 4403, reason: 'Forbidden' });
          return { next: () => Promise.reject(closed) };
        },
      }) as unknown as ReturnType<Page['createClient']>,
  };
}

async function askedAs(query: string, operationName: string | null, headers?: Record<string, string>): Promise<Heard> {
  const heard: Heard[] = [];
  const answer = fetcherOf(pageThat(heard, 'bxt_x', '查〔2026〕1'))(
    { query, operationName },
    headers === undefined ? {} : { headers },
  );
  if (answer instanceof Promise) await answer;
  const [only, ...more] = heard;
  if (only === undefined || more.length > 0) throw new Error('it asked other than once');
  return only;
}

const TWO = 'query A { viewer { role } } subscription B { hello }';

describe('GraphiQL’s fetcher', () => {
  it.each([
    ['subscription { hello }', null, 'ws', null],
    ['# query A\nsubscription B($a: String = "query {") { hello }', 'B', 'ws', 'B'],
    ['query A { subscription }', 'A', 'http', 'A'],
    ['{ viewer { role } } # subscription { hello }', null, 'http', null],
    ['query A($a: String = "} subscription B {") { viewer { role } }', 'A', 'http', 'A'],
    [TWO, 'A', 'http', 'A'],
    [TWO, 'B', 'ws', 'B'],
    // the name of the tab that was open before
    ['subscription B { hello }', 'A', 'ws', null],
    ['query A { viewer { role } }', 'B', 'http', null],
  ])('asks %j as %j over %s', async (query, name, over, operationName) => {
    expect(await askedAs(query, name)).toEqual({
      over,
      asked: { query, operationName, variables: null },
      authorization: 'Bearer bxt_x',
      caseNumber: encodeURIComponent('查〔2026〕1'),
    });
  });

  it('lets a tab’s own headers go before the token’s field', async () => {
    const { authorization } = await askedAs('{ viewer { role } }', null, { authorization: 'Bearer bxt_y' });
    expect(authorization).toBe('Bearer bxt_y');
  });

  it('says in words why a connection was closed', async () => {
    const told = fetcherOf(pageThat([], ''))({ query: 'subscription { hello }' }) as AsyncIterableIterator<unknown>;
    await expect(told.next()).rejects.toThrow('The connection was closed: 4403 Forbidden');
  });
});
