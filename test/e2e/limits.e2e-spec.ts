import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { WebSocket } from 'ws';
import { documentId, ownDocument } from '../../apps/server/src/documents/index.js';
import type { BoxtrailServer } from '../../apps/server/src/server.js';
import { CASE, openApiHouse, total, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import { BOXES, buildWorld, type Tokens } from './graphql-world.js';

const SOCKETS = 8;

let house: ApiHouse<Tokens>;
let tokens: Tokens;
let server: BoxtrailServer;
let url: string;

beforeAll(async () => {
  house = await openApiHouse(buildWorld, {
    liveLimits: { sockets: SOCKETS },
    gate: { rates: { principalPoints: 1_000, strangerPoints: 6 } },
  });
  ({ tokens, server, url } = house);
});

afterAll(() => house.close());

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

type Asked = { readonly query?: string; readonly documentId?: string; readonly variables?: Record<string, unknown> };

async function overHttp(token: string, asked: Asked): Promise<Answer> {
  const answer = await request(url)
    .post('/graphql')
    .set('authorization', `Bearer ${token}`)
    .set('x-case-number', CASE)
    .send(asked);
  return answer.body as Answer;
}

async function overSocket(token: string, { query = '', ...asked }: Asked): Promise<Answer> {
  const client = house.client(token);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      let answer: Answer = {};
      client.subscribe(
        { query, ...asked },
        {
          next: (value) => (answer = value as Answer),
          error: (errors) => (Array.isArray(errors) ? resolve({ errors }) : reject(errors as Error)),
          complete: () => resolve(answer),
        },
      );
    });
  } finally {
    await client.dispose();
  }
}

const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions?.code;

const deep = `{ container(number: "${BOXES.reused}") ${'{ shipments { containers { container '.repeat(16)} { id } ${'} } }'.repeat(16)} }`;
const aliases = `{ ${Array.from({ length: 1_000 }, (_, at) => `a${at}: viewer { role }`).join(' ')} }`;
const directives = `{ viewer ${'@include(if: true) '.repeat(51)} { role } }`;
const ring = '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }';

describe.each([
  ['over HTTP', overHttp],
  ['over a WebSocket', overSocket],
])('an abuse %s is refused before anything runs', (_, ask) => {
  it.each([
    ['depth of 50', { query: deep }, 'LIMIT_EXCEEDED'],
    ['a thousand aliases', { query: aliases }, 'LIMIT_EXCEEDED'],
    ['directives without end', { query: directives }, 'LIMIT_EXCEEDED'],
    ['a ring of fragments', { query: ring }, 'INVALID_INPUT'],
    ['a page of a thousand million', { query: '{ events(first: 1000000000) { nodes { id } } }' }, 'INVALID_PAGE_SIZE'],
    [
      'the same by a variable',
      { query: 'query ($n: Int!) { events(first: $n) { nodes { id } } }', variables: { n: 1_000_000_000 } },
      'INVALID_PAGE_SIZE',
    ],
    [
      'pages of pages',
      {
        query:
          '{ shipments(first: 200) { nodes { containers { container { events(first: 200) { nodes { id } } } } } } }',
      },
      'LIMIT_EXCEEDED',
    ],
    ['a document that is not listed', { documentId: `sha256:${'0'.repeat(64)}` }, 'DOCUMENT_UNKNOWN'],
  ] as const)('%s', async (_name, asked, code) => {
    const before = await total(server.metrics.statements);
    expect(codeOf(await ask(tokens.customs, asked))).toBe(code);
    expect(await total(server.metrics.statements)).toBe(before);
  });

  it('and what is within bounds is answered, by its text and by its id', async () => {
    const query = ownDocument('port-events');
    for (const asked of [{ query }, { documentId: documentId(query) }]) {
      const answer = await ask(tokens.customs, asked);
      expect([answer.errors, Object.keys(answer.data ?? {})]).toEqual([undefined, ['events']]);
    }
  });
});

describe('a document of a megabyte', () => {
  const large = `{ viewer { role } } #${'x'.repeat(1_000_000)}`;

  it('is refused with a code over HTTP', async () => {
    const answer = await request(url).post('/graphql').send({ query: large });
    expect([answer.status, codeOf(answer.body as Answer)]).toEqual([413, 'LIMIT_EXCEEDED']);
  });

  it('closes a socket with 1009', async () => {
    const socket = new WebSocket(house.socketUrl, 'graphql-transport-ws');
    const code = await new Promise<number>((resolve, reject) => {
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { large } })));
      socket.on('close', resolve);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
      });
    });
    expect(code).toBe(1009);
  });
});

describe('a body of which no operation can be read is refused in GraphQL’s shape', () => {
  const JSON_TYPE = 'application/json';
  const ROLE = '{"query":"{ viewer { role } }"}';

  it.each([
    ['half a JSON', JSON_TYPE, '{"query":"{ viewer'],
    ['an empty body', JSON_TYPE, ''],
    ['a list', JSON_TYPE, `[${ROLE}]`],
    ['a text', JSON_TYPE, '"{ viewer { role } }"'],
    ['a number', JSON_TYPE, '7'],
    ['null', JSON_TYPE, 'null'],
    ['an object without a query', JSON_TYPE, '{}'],
    ['a query that is a number', JSON_TYPE, '{"query":7}'],
    ['variables that are a list', JSON_TYPE, '{"query":"{ viewer { role } }","variables":[]}'],
    ['another object’s prototype', JSON_TYPE, `{"__proto__":${ROLE}}`],
    ['a form', 'application/x-www-form-urlencoded', 'query=%7B%20viewer%20%7B%20role%20%7D%20%7D'],
    ['a plain text', 'text/plain', ROLE],
    ['XML', 'application/xml', '<query/>'],
    ['no type', '', ROLE],
    ['another encoding', `${JSON_TYPE}; charset=gb18030`, ROLE],
    ['another encoding that goes by UTF-8’s name', JSON_TYPE, Buffer.from('{"query":"# \xd5\xe3"}', 'latin1')],
  ])('%s', async (_name, type, body) => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.tidewell}`, 'content-type': type },
      body: Buffer.from(body),
    });
    expect([answer.status, answer.headers.get('cache-control'), await answer.json()]).toEqual([
      400,
      'no-store',
      {
        errors: [
          {
            message: expect.any(String),
            extensions: {
              code: 'INVALID_INPUT',
              category: 'INVALID',
              retryable: false,
              details: expect.any(Object),
              messageZh: '输入无效。',
            },
          },
        ],
      },
    ]);
  });

  it.each([JSON_TYPE, `${JSON_TYPE}; charset=UTF-8`, `${JSON_TYPE};charset="utf-8"`])('but not %s', async (type) => {
    const answer = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.tidewell}`)
      .set('content-type', type)
      .send(ROLE);
    expect([answer.status, answer.body]).toEqual([200, { data: { viewer: { role: 'LOGISTICS' } } }]);
  });
});

describe('points', () => {
  it('are told with each answer, and more of them for an answer that can be large', async () => {
    const left = async (query: string): Promise<number> => {
      const answer = await request(url)
        .post('/graphql')
        .set('authorization', `Bearer ${tokens.operatorA}`)
        .send({ query });
      expect(answer.headers['ratelimit-policy']).toBe('"points";q=1000;w=60');
      return Number(/r=(\d+)/.exec(answer.headers['ratelimit'] ?? '')?.[1]);
    };
    const before = await left('{ viewer { role } }');
    expect(await left('{ viewer { role } }')).toBe(before - 1);
    // 200 events with their node, its pass and ten events of that: 200 × 13 objects are 5 points more
    expect(await left('{ events(first: 200) { nodes { pass { events { id } } } } }')).toBe(before - 2 - 5);
  });

  it('of those who show no valid token run out by address, with 429 and when to come back', async () => {
    const stranger = () =>
      request(url).post('/graphql').set('authorization', 'Bearer bxt_guess').send({ query: '{ viewer { role } }' });
    let answer = await stranger();
    let asked = 1;
    await until('the points to run out', async () => {
      if (answer.status !== 429) [answer, asked] = [await stranger(), asked + 1];
      return answer.status === 429;
    });
    // six are answered, and six more when the machine stood still for the minute
    expect(asked).toBeLessThanOrEqual(2 * 6 + 1);
    expect(codeOf(answer.body as Answer)).toBe('RATE_LIMITED');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(codeOf(await overHttp(tokens.tidewell, { query: '{ viewer { role } }' }))).toBeUndefined();
  });
});

describe('sockets', () => {
  it('whose people are known are taken up to the limit; the next is told to come later, and all others go on', async () => {
    // a socket that its client has closed counts until the server knows
    await until('those of before to be gone', async () => (await total(server.metrics.sockets)) === 0);
    const known = await Promise.all(
      Array.from(
        { length: SOCKETS },
        () =>
          new Promise<WebSocket>((resolve, reject) => {
            const socket = new WebSocket(house.socketUrl, 'graphql-transport-ws');
            // whoever has said who they are keeps the place
            socket.once('open', () =>
              socket.send(
                JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.customs}` } }),
              ),
            );
            socket.once('message', () => resolve(socket));
            socket.once('error', reject);
          }),
      ),
    );
    const status = await new Promise<number | undefined>((resolve) => {
      const refused = new WebSocket(house.socketUrl, 'graphql-transport-ws');
      refused.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      refused.once('open', () => resolve(101));
    });
    expect(status).toBe(503);
    expect((await request(url).get('/health/ready')).status).toBe(200);
    for (const socket of known) socket.terminate();
  });

  it('of strangers make room, the oldest first, for whoever says who they are', async () => {
    await until('those of before to be gone', async () => (await total(server.metrics.sockets)) === 0);
    const gone: number[] = [];
    const strangers: WebSocket[] = [];
    for (let n = 0; n < SOCKETS; n++) {
      const socket = new WebSocket(house.socketUrl, 'graphql-transport-ws');
      socket.once('close', () => gone.push(n));
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      strangers.push(socket);
    }
    const answer = await overSocket(tokens.customs, { query: '{ viewer { role } }' });
    expect(answer).toEqual({ data: { viewer: { role: 'CUSTOMS_OFFICER' } } });
    await until('the oldest to be gone', () => gone.length > 0);
    expect(gone).toEqual([0]);
    for (const socket of strangers) socket.terminate();
  });
});
