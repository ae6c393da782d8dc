import 'reflect-metadata';
import { allowedNetworks } from '#libs/exchange';
import { bindVault, readSecretKey, sealClearNames, SecretBox, vaultFrom } from '#libs/identity';
import { createLogger, dieWithParent, DomainError, parseConfig, type Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { credentialOptions } from './credentials.js';
import { readDocuments } from './documents/index.js';
import { serverConfigSchema } from './server.config.js';
import { BoxtrailServer } from './server.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Longer than this nothing under way may take once we were told to end. */
const END_WITHIN_MS = 10_000;

/** Waits with growing pauses until the database answers with fit roles. */
async function awaitDatabase(database: Database, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await database.refuseMightyRoles();
      await database.readPublic((tx) => tx.query('SELECT 1 FROM tracking_event LIMIT 0'));
      return;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'INVALID_CONFIG') throw error;
      logger.warn({ err: error, againInMs: pause }, 'the database is not ready; waiting');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        signal.addEventListener(
          'abort',
          () => {
            clearTimeout(timer);
            resolve();
          },
          { once: true },
        );
      });
    }
  }
}

async function main(): Promise<void> {
  const logger = createLogger('server');
  const ending = new AbortController();
  dieWithParent();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());

  const config = parseConfig(serverConfigSchema, process.env, 'The environment');
  const vault = vaultFrom(process.env, config.BOXTRAIL_STATE_DIR ?? null);
  const secretKey = readSecretKey(process.env, config.BOXTRAIL_STATE_DIR ?? null);
  const database = new Database({ app: config.DATABASE_URL, ingest: config.DATABASE_INGEST_URL });
  try {
    await awaitDatabase(database, logger, ending.signal);
    if (ending.signal.aborted) return;
    await database.write((tx) => bindVault(tx, vault));
    await sealClearNames(database, vault);
    const server = await BoxtrailServer.create({
      database,
      logger,
      allowedOrigins: config.BOXTRAIL_ALLOWED_ORIGINS,
      trustedProxies: config.BOXTRAIL_TRUSTED_PROXIES,
      secrets: new SecretBox(secretKey),
      credentials: credentialOptions(config, vault, logger),
      uplinkAuth: config.BOXTRAIL_UPLINK_AUTH,
      webhooks: { networks: allowedNetworks(config.BOXTRAIL_WEBHOOK_NETWORKS) },
      gate: {
        rates: { principalPoints: config.BOXTRAIL_RATE_POINTS },
        listedOnly: config.BOXTRAIL_DOCUMENTS === 'listed',
        ...(config.BOXTRAIL_DOCUMENTS_DIR === undefined
          ? {}
          : { documents: readDocuments(config.BOXTRAIL_DOCUMENTS_DIR) }),
      },
    });
    const url = await server.listen(config.PORT, config.HOST);
    logger.info({ url }, 'the service is ready');
    process.send?.({ type: 'ready', url });
    await new Promise<void>((resolve) => {
      if (ending.signal.aborted) resolve();
      ending.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    logger.info('ending');
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
    await server.close();
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  createLogger('server').fatal({ err: error }, error instanceof Error ? error.message : 'the service cannot start');
  process.exitCode = 1;
});
