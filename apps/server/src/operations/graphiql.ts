import { OWN_DOCUMENTS } from '../documents/index.js';

/**
 * What the page may do: run its own text and ask its own host. Nothing is fetched from elsewhere, and the browser holds it to that;
 * the editor draws with inline styles, runs its workers from blobs and compiles its grammars.
 */
export const GRAPHIQL_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** ASCII alone: a browser refuses any other character in a header, and would say so before the token is filled in. */
const HEADERS = JSON.stringify({ authorization: 'Bearer <token>' });
/** The case for which customs ask. */
const HEADERS_OF_CUSTOMS = JSON.stringify({ authorization: 'Bearer <token>', 'x-case-number': 'DEMO-0001' });

let page: Promise<Buffer> | undefined;

/** Some 9 MB, made at the first request and kept. */
export function graphiqlPage(): Promise<Buffer> {
  page ??= import('@graphql-yoga/render-graphiql').then(({ renderGraphiQL }) =>
    Buffer.from(
      renderGraphiQL({
        title: 'Boxtrail API',
        endpoint: '/graphql',
        subscriptionsProtocol: 'WS',
        shouldPersistHeaders: true,
        headers: HEADERS,
        defaultTabs: [...OWN_DOCUMENTS.values()].map((query) => ({
          query,
          headers: query.startsWith('# A customs officer') ? HEADERS_OF_CUSTOMS : HEADERS,
        })),
      }),
    ),
  );
  return page;
}
