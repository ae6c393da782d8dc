import type { Client, ClientOptions } from 'graphql-ws';

/** What the page has. */
export interface Page {
  readonly origin: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly createClient: (options: ClientOptions) => Client;
  /** What stands in the token's field; empty: nothing. */
  readonly token: () => string;
  /** For which customs and auditors ask; empty: none. */
  readonly caseNumber: () => string;
}

interface Asked {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
}

interface Beside {
  /** Of GraphiQL's own tab: they go before the fields. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Results as they came. */
type Fetcher = (asked: Asked, beside?: Beside) => Promise<unknown> | AsyncIterableIterator<unknown>;

/**
 * How GraphiQL asks: over HTTP, and over graphql-ws what is a subscription, with token and case number in the
 * connection's init. Its own text goes into
 * the page, so it uses nothing from outside of itself.
 */
export function fetcherOf(page: Page): Fetcher {
  return ({ query, operationName, variables }, { headers } = {}) => {
    const token = page.token();
    const caseNumber = page.caseNumber();
    const given = {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      // a header holds ASCII alone
      ...(caseNumber === '' ? {} : { 'x-case-number': encodeURIComponent(caseNumber) }),
      ...headers,
    };
    // GraphiQL looks at a text only some time after it was changed: the name beside it may be that of another tab's operation.
    const bare = query.replace(/"""[^]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, ' ');
    const name =
      operationName && new RegExp(`\\b(?:query|mutation|subscription)\\s+${operationName}\\b`).test(bare)
        ? operationName
        : null;
    const subscribes = new RegExp(`(?:^|})\\s*subscription\\b${name === null ? '' : `\\s+${name}\\b`}`).test(bare);
    const asked = { query, operationName: name, variables: variables ?? null };
    if (!subscribes) {
      return page
        .fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json', ...given },
          body: JSON.stringify(asked),
        })
        .then((answer) => answer.json() as Promise<unknown>);
    }
    const client = page.createClient({
      url: `${page.origin.replace(/^http/, 'ws')}/graphql`,
      connectionParams: given,
      retryAttempts: 0,
    });
    const told = client.iterate<Record<string, unknown>, unknown>(asked);
    const shown: AsyncIterableIterator<unknown> = {
      // A socket that is closed is told as an event, of which a person would read nothing.
      next: () =>
        told.next().catch((error: unknown) => {
          const { code, reason } = error as { readonly code?: number; readonly reason?: string };
          throw code === undefined ? error : new Error(`The connection was closed: ${code} ${reason ?? ''}`);
        }),
      return: () => told.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => shown,
    };
    return shown;
  };
}
