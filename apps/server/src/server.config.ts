import { z } from 'zod';
import { RATE_OPTIONS } from './api/shared/rate-limits.js';

const postgresUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'expected postgres://user:password@host:port/database');

/** Words separated by commas. */
const list = z
  .string()
  .default('')
  .transform((words) =>
    words
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );

/** What the environment tells the service. */
export const serverConfigSchema = z.object({
  /** Role `boxtrail_app`: answers questions. */
  DATABASE_URL: postgresUrl,
  /** Role `boxtrail_ingest`: records. */
  DATABASE_INGEST_URL: postgresUrl,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Origins of web pages that may open a WebSocket, besides our own host; separated by commas. */
  BOXTRAIL_ALLOWED_ORIGINS: list,
  /** How gateways say who they are. */
  BOXTRAIL_UPLINK_AUTH: z.enum(['signed', 'signed-or-token']).default('signed'),
  /** Where `secret.key` is kept, unless BOXTRAIL_SECRET_KEY holds the installation's key. */
  BOXTRAIL_STATE_DIR: z.string().min(1).optional(),
  /** Addresses or networks of proxies before us, whose X-Forwarded-For is believed; separated by commas. */
  BOXTRAIL_TRUSTED_PROXIES: list,
  /** Networks to which webhooks may go although they are not public, by commas: `10.1.0.0/16`. */
  BOXTRAIL_WEBHOOK_NETWORKS: list,
  /** Points of one principal a minute, for this process. */
  BOXTRAIL_RATE_POINTS: z.coerce.number().int().min(1).default(RATE_OPTIONS.principalPoints),
  /** A folder of `.graphql` files that clients may ask by their ids, besides our own. */
  BOXTRAIL_DOCUMENTS_DIR: z.string().min(1).optional(),
  /** `listed`: nothing but listed documents is answered. */
  BOXTRAIL_DOCUMENTS: z.enum(['any', 'listed']).default('any'),
});
