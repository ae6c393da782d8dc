/**
 * PostGraphile 4 or 5 as a process of its own: `node postgraphile.js 4`, told the rest by PEER_CONFIG. It reads as the service
 * does, in the app's role, and gives each request's transaction the settings that our policies read.
 */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ReaderSettings } from '../../../libs/persistence/src/index.js';
import { checkoutRoot } from '../peers.js';

export interface PeerConfig {
  readonly databaseUrl: string;
  readonly port: number;
  /** Bearer token → settings of PostgreSQL. */
  readonly settings: Readonly<Record<string, ReaderSettings>>;
}

/** As many as our own pool has. */
const CONNECTIONS = 10;

const config = JSON.parse(process.env['PEER_CONFIG'] ?? '{}') as PeerConfig;
const peer = createRequire(join(checkoutRoot(), 'test/bench/package.json'));

function settingsOf(authorization: string | undefined): ReaderSettings {
  const settings = config.settings[(authorization ?? '').slice('Bearer '.length)];
  if (settings === undefined) throw new Error('no such token');
  return settings;
}

function version4(): void {
  const { postgraphile } = peer('postgraphile4') as {
    postgraphile: (pool: object, schema: string, options: object) => RequestListener;
  };
  const listener = postgraphile({ connectionString: config.databaseUrl, max: CONNECTIONS }, 'public', {
    pgSettings: (request: IncomingMessage) => settingsOf(request.headers.authorization),
    graphileBuildOptions: { pgUsePartitionedParent: true },
    dynamicJson: true,
    simpleCollections: 'both',
    legacyRelations: 'omit',
    disableDefaultMutations: true,
    setofFunctionsContainNulls: false,
    // what its manual says for production
    disableQueryLog: true,
    enhanceGraphiql: false,
    graphiql: false,
    watchPg: false,
  });
  createServer(listener).listen(config.port, '127.0.0.1');
}

async function version5(): Promise<void> {
  const { postgraphile } = peer('postgraphile5') as {
    postgraphile: (preset: object) => {
      createServ: (grafserv: unknown) => { addTo: (server: unknown) => Promise<void> };
    };
  };
  const { PostGraphileAmberPreset } = peer('postgraphile5/presets/amber') as { PostGraphileAmberPreset: object };
  const { makeV4Preset } = peer('postgraphile5/presets/v4') as { makeV4Preset: (options: object) => object };
  const { makePgService } = peer('postgraphile5/adaptors/pg') as { makePgService: (options: object) => object };
  const { grafserv } = peer('postgraphile5/grafserv/node') as { grafserv: unknown };
  const server = createServer();
  const instance = postgraphile({
    extends: [
      PostGraphileAmberPreset,
      makeV4Preset({ simpleCollections: 'both', dynamicJson: true, disableDefaultMutations: true }),
    ],
    pgServices: [
      makePgService({ connectionString: config.databaseUrl, schemas: ['public'], poolConfig: { max: CONNECTIONS } }),
    ],
    grafast: {
      context: ({ node }: { node: { req: IncomingMessage } }) => ({
        pgSettings: settingsOf(node.req.headers.authorization),
      }),
    },
    grafserv: { watch: false, graphiql: false },
  });
  await instance.createServ(grafserv).addTo(server);
  server.listen(config.port, '127.0.0.1');
}

if (process.argv[2] === '5') await version5();
else version4();
