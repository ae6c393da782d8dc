import 'reflect-metadata';
import { connect, type Socket } from 'node:net';
import { createLogger } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { WebSocket } from 'ws';
import type { LiveSocketLimits } from '../../apps/server/src/live/live-socket.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { openApiHouse, PATIENT, type ApiHouse } from '../support/api-house.js';
import { buildWorld, type Tokens } from './graphql-world.js';

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(buildWorld, { allowedOrigins: ['https://console.example'] });
});

afterAll(() => house.close());

const address = (at = house.url): string => `${at.replace('http', 'ws')}/graphql`;

/** @returns what the server answers to a raw upgrade, until it ends */
function rawUpgrade(path: string, headers: readonly string[] = [], at = house.url): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = rawSocket(at);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(upgradeRequest(path, headers));
  });
}

function rawSocket(at = house.url): Socket {
  return connect(Number(new URL(at).port), '127.0.0.1');
}

function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${new URL(house.url).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    ...headers,
    '\r\n',
  ].join('\r\n');
}

interface Opening {
  readonly at?: string;
  readonly origin?: string;
  readonly params?: unknown;
  readonly init: boolean;
}

function closeCode(options: Opening): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(
      address(options.at),
      'graphql-transport-ws',
      options.origin === undefined ? {} : { origin: options.origin },
    );
    socket.on('open', () => {
      if (options.init) socket.send(JSON.stringify({ type: 'connection_init', payload: options.params }));
    });
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

describe('upgrades', () => {
  it('are taken on /graphql alone, from our own pages, known origins and programs', async () => {
    expect(await rawUpgrade('/elsewhere')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawUpgrade('/graphql/')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawUpgrade('/graphql', ['Origin: https://evil.example'])).toMatch(/^HTTP\/1\.1 403 /);
    expect(await rawUpgrade('/graphql', ['Origin: null'])).toMatch(/^HTTP\/1\.1 403 /);
    for (const origin of [house.url, 'https://console.example']) {
      expect(await closeCode({ origin, init: true, params: { authorization: 'Bearer nobody' } })).toBe(4403);
    }
  });

  it('without an init are closed with 4408, and with a bad token with 4403', async () => {
    const impatient = await serverWith({ initTimeoutMs: 50 });
    expect(await closeCode({ at: impatient.url, init: false })).toBe(4408);
    await impatient.server.close();
    expect(await closeCode({ init: true, params: { authorization: 'Bearer nobody' } })).toBe(4403);
    expect(await closeCode({ init: true })).toBe(4403);
  });

  it('are refused with 503 while the service ends, and not answered as questions', async () => {
    const ending = await serverWith({});
    // one that never says that it has heard the end: the service waits for it
    const deaf = rawSocket(ending.url);
    await new Promise((resolve) => {
      deaf.once('data', resolve);
      deaf.write(upgradeRequest('/graphql'));
    });
    const ended = ending.server.close();
    expect(await rawUpgrade('/graphql', [], ending.url)).toMatch(/^HTTP\/1\.1 503 /);
    deaf.destroy();
    await ended;
  });

  it('that are reset in the middle leave the process alive', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, at) => {
        const socket = rawSocket();
        return new Promise<void>((resolve) => {
          socket.on('error', () => resolve());
          socket.on('close', () => resolve());
          socket.write(upgradeRequest(at % 2 === 0 ? '/elsewhere' : '/graphql'), () => socket.resetAndDestroy());
        });
      }),
    );
    expect((await request(house.url).get('/health/live')).status).toBe(200);
    expect((await request(house.url).get('/health/ready')).status).toBe(200);
  });

  it('of one person are limited', async () => {
    const strict = await serverWith({ socketsPerPerson: 2 });
    const params = { authorization: `Bearer ${house.tokens.stranger}` };
    const open = await Promise.all([1, 2].map(() => acknowledged(strict.url, params)));
    expect(await closeCode({ at: strict.url, init: true, params })).toBe(4429);
    for (const socket of open) socket.terminate();
    await strict.server.close();
  });
});

/** A server of one test's own, so that no other's sockets count. */
async function serverWith(liveLimits: Partial<LiveSocketLimits>): Promise<{ server: BoxtrailServer; url: string }> {
  const own = await BoxtrailServer.create({
    database: house.database,
    logger: createLogger('spec', 'silent'),
    liveLimits: { ...PATIENT, ...liveLimits },
  });
  return { server: own, url: await own.listen(0, '127.0.0.1') };
}

/** A socket whose init the server has taken. */
function acknowledged(at: string, payload: unknown): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address(at), 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
    // the first that the server says is the acknowledgement
    socket.on('message', () => resolve(socket));
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('error', reject);
  });
}
