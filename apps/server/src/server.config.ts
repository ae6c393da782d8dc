import { z } from 'zod';

const postgresUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'expected postgres://user:password@host:port/database');

/** What the environment tells the service. */
export const serverConfigSchema = z.object({
  /** Role `boxtrail_app`: answers questions. */
  DATABASE_URL: postgresUrl,
  /** Role `boxtrail_ingest`: records. */
  DATABASE_INGEST_URL: postgresUrl,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** The state folder, where secret.key is kept unless BOXTRAIL_SECRET_KEY is given. */
  BOXTRAIL_STATE_DIR: z.string().min(1).optional(),
  /** Origins of web pages that may open a WebSocket, besides our own host; separated by commas. */
  BOXTRAIL_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    ),
});
