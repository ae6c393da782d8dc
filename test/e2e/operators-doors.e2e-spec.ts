import 'reflect-metadata';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import { buildWorld, type Tokens } from './graphql-world.js';

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(buildWorld);
});

afterAll(() => house.close());

describe('the operators’ doors', () => {
  it('show a home page, metrics, and a GraphiQL that loads nothing from elsewhere', async () => {
    expect((await request(house.url).get('/')).text).toContain('/graphql');
    expect((await request(house.url).get('/metrics')).text).toContain('boxtrail_api_statements_total');
    const page = await request(house.url).get('/graphql').set('accept', 'text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/https?:/);
    const markup = page.text.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, '');
    expect(/(?:src|href)="(?!data:)|https?:/.exec(markup)?.[0]).toBeUndefined();
    expect(page.text.includes('query MyShipments')).toBe(true);
  });

  it('turn unready while the database is away, and heal by themselves with all that was subscribed', async () => {
    const line = await DatabaseLine.open(new URL(house.store.appUrl));
    const behindLine = new Database({
      app: line.address(house.store.appUrl),
      ingest: line.address(house.store.ingestUrl),
    });
    const other = await BoxtrailServer.create({ database: behindLine, logger: createLogger('spec', 'silent') });
    const otherUrl = await other.listen(0, '127.0.0.1');
    const ready = async (): Promise<number> => (await request(otherUrl).get('/health/ready')).status;
    expect(await ready()).toBe(200);
    line.cut();
    expect(await ready()).toBe(503);
    expect((await request(otherUrl).get('/health/live')).status).toBe(200);
    const asked = await request(otherUrl)
      .post('/graphql')
      .set('authorization', `Bearer ${house.tokens.customs}`)
      .set('x-case-number', 'SPEC-0001')
      .send({ query: `{ events { nodes { id } } }` });
    expect(asked.body).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE', retryable: true } }] });
    line.mend();
    await until('the service to be ready again', async () => (await ready()) === 200);
    await other.close();
    await behindLine.close();
    await line.close();
  });
});

/** A line to the database that can be cut and mended. Its port stays its own: while it is cut, callers are hung up on. */
class DatabaseLine {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(private readonly database: URL) {
    this.server = createServer((near) => this.onCaller(near));
  }

  static async open(database: URL): Promise<DatabaseLine> {
    const line = new DatabaseLine(database);
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  address(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return changed.href;
  }

  private onCaller(near: Socket): void {
    near.on('error', () => near.destroy());
    if (this.isCut) return void near.resetAndDestroy();
    const far = connect(Number(this.database.port), this.database.hostname);
    far.on('error', () => far.destroy());
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}
