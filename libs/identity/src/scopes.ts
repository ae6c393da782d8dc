/** What an API token may be used for, whatever its holder may do; a session may be used for all of it. */
export const SCOPES = {
  READ: 'ask',
  WRITE: 'tell: report, resolve, acknowledge',
  SUBSCRIBE: 'be told of what happens',
  EXPORT: 'take whole lists away',
  WEBHOOKS: 'say where others are told',
  MANAGE: 'people, service accounts, sessions, tokens, keys of gateways, and archives of the audit',
} as const;

export type Scope = keyof typeof SCOPES;

/** In the order of the table. */
export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];
