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
export const serverConfigSchema = z
  .object({
    /** Role `boxtrail_app`: answers questions. */
    DATABASE_URL: postgresUrl,
    /** Role `boxtrail_ingest`: records. */
    DATABASE_INGEST_URL: postgresUrl,
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    HOST: z.string().min(1).default('127.0.0.1'),
    /** Where `secret.key` is kept, unless BOXTRAIL_SECRET_KEY holds the installation's key. */
    BOXTRAIL_STATE_DIR: z.string().min(1).optional(),
    /** Origins of web pages that may open a WebSocket, besides our own host; separated by commas. */
    BOXTRAIL_ALLOWED_ORIGINS: list,
    /** Addresses or networks of proxies before us, whose X-Forwarded-For is believed; separated by commas. */
    BOXTRAIL_TRUSTED_PROXIES: list,
    /** How gateways say who they are. */
    BOXTRAIL_UPLINK_AUTH: z.enum(['signed', 'signed-or-token']).default('signed'),
    /** Networks to which webhooks may go although they are not public, by commas: `10.1.0.0/16`. */
    BOXTRAIL_WEBHOOK_NETWORKS: list,
    /** Points of one principal a minute, for this process. */
    BOXTRAIL_RATE_POINTS: z.coerce.number().int().min(1).default(RATE_OPTIONS.principalPoints),
    /** A folder of `.graphql` files that clients may ask by their ids, besides our own. */
    BOXTRAIL_DOCUMENTS_DIR: z.string().min(1).optional(),
    /** `listed`: nothing but listed documents is answered. */
    BOXTRAIL_DOCUMENTS: z.enum(['any', 'listed']).default('any'),
    /** 1: codes for telephones are written to the log when no sender is configured. */
    BOXTRAIL_DEMO: z.string().optional(),
    /** The operator's gateway for text messages, and the secret that it checks our signature with. */
    BOXTRAIL_SMS_URL: z.url({ protocol: /^https?$/ }).optional(),
    BOXTRAIL_SMS_SECRET: z.string().min(16).optional(),
    /** Issuers of OpenID Connect, and where browsers reach this service. */
    BOXTRAIL_OIDC_FILE: z.string().min(1).optional(),
    BOXTRAIL_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** Authorities whose certificates people sign in by, in PEM. */
    BOXTRAIL_CA_CERTIFICATES: z.string().min(1).optional(),
    /** Their revocation lists, in PEM or one in DER; read again when the file changes. */
    BOXTRAIL_CA_CRLS: z.string().min(1).optional(),
  })
  .refine(({ BOXTRAIL_SMS_URL: url, BOXTRAIL_SMS_SECRET: secret }) => (url === undefined) === (secret === undefined), {
    path: ['BOXTRAIL_SMS_SECRET'],
    message: 'BOXTRAIL_SMS_URL and BOXTRAIL_SMS_SECRET belong together',
  })
  .refine(({ BOXTRAIL_OIDC_FILE: file, BOXTRAIL_PUBLIC_URL: url }) => file === undefined || url !== undefined, {
    path: ['BOXTRAIL_PUBLIC_URL'],
    message: 'BOXTRAIL_OIDC_FILE needs the address that issuers send browsers back to',
  })
  .refine(
    ({ BOXTRAIL_CA_CRLS: lists, BOXTRAIL_CA_CERTIFICATES: authorities }) =>
      lists === undefined || authorities !== undefined,
    { path: ['BOXTRAIL_CA_CERTIFICATES'], message: 'BOXTRAIL_CA_CRLS needs the authorities whose lists they are' },
  );

export type ServerConfig = z.output<typeof serverConfigSchema>;
