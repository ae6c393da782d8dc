import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { asOf, exampleTabs } from './graphiql-examples.js';
import { fetcherOf } from './graphiql-fetcher.js';

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

/** Token and case number stay in this tab of the browser and end with it. */
const FIELDS = `
<style>
  body { display: flex; flex-direction: column; height: 100vh; margin: 0; }
  #root { flex: 1; min-height: 0; }
  #root .graphiql-container { height: 100%; }
  /* On a page's first view the library moves a tab away under the pointer that presses it, to where it was measured too early. */
  #root .graphiql-tab { transform: none !important; }
  #token-bar { padding: 6px 12px; font: 14px sans-serif; background: #eef2f6; }
  #token-bar label { margin-right: 2em; }
  #token { width: 32em; max-width: 50vw; }
</style>
<div id="token-bar">
  <label>Token 令牌 <input id="token" type="password" autocomplete="off" spellcheck="false" placeholder="bxt_…"></label>
  <label>Case number 案件编号 <input id="case-number" autocomplete="off" spellcheck="false" placeholder="DEMO-0001"></label>
</div>`;

/** Behind the library's own script: the same page, with a fetcher that can subscribe. */
function start(graphqlWs: string): string {
  const options = { title: 'Boxtrail API', defaultTabs: exampleTabs() };
  return `${graphqlWs}
    const kept = (id) => {
      const key = 'boxtrail.' + id;
      const field = document.querySelector('#' + id);
      field.value = sessionStorage.getItem(key) ?? '';
      field.addEventListener('input', () => sessionStorage.setItem(key, field.value.trim()));
      return () => field.value.trim();
    };
    // The schema is asked for as whoever asks; the page stays, so that the click which left the field counts.
    document.querySelector('#token-bar').addEventListener('change', () =>
      document.querySelector('[aria-label^="Re-fetch GraphQL schema"]')?.click());
    // Beside its tabs it keeps what the editors held last, and opens one more for what is in no tab: nothing, for who never wrote.
    const { tabs = [], activeTabIndex = 0 } = JSON.parse(localStorage.getItem('graphiql:tabState')) ?? {};
    for (const part of ['query', 'variables', 'headers'])
      localStorage.setItem('graphiql:' + part, tabs[activeTabIndex]?.[part] ?? '');
    const fetcher = (${fetcherOf.toString()})({
      origin: location.origin,
      fetch: (...asked) => fetch(...asked),
      createClient: graphqlWs.createClient,
      token: kept('token'),
      caseNumber: kept('case-number'),
    });
    const options = ${JSON.stringify(options)};
    for (const tab of options.defaultTabs) tab.variables = (${asOf.toString()})(tab.variables, new Date());
    YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), { ...options, fetcher });
  </script></body></html>`;
}

const ROOT = '<div id="root"></div>';
/** Where the library's page begins to draw, with options that are JSON: a function is none. */
const DRAWS = 'YogaGraphiQL.renderYogaGraphiQL(\n';

let page: Promise<Buffer> | undefined;

/** Some 9 MB, made at the first request and kept. */
export function graphiqlPage(): Promise<Buffer> {
  page ??= makePage();
  return page;
}

async function makePage(): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  // The package names its build for pages nowhere in its exports.
  const library = createRequire(import.meta.url).resolve('graphql-ws');
  const graphqlWs = await readFile(join(dirname(library), '../umd/graphql-ws.min.js'), 'utf8');
  const markup = renderGraphiQL({ title: 'Boxtrail API' });
  const [root, draws] = [markup.indexOf(ROOT), markup.lastIndexOf(DRAWS)];
  if (root === -1 || draws < root)
    throw new Error('GraphiQL’s page is not made as it was: it cannot be given a fetcher');
  return Buffer.from(markup.slice(0, root) + FIELDS + markup.slice(root, draws) + start(graphqlWs));
}
