#!/usr/bin/env node
// Writes what is told twice from where it is told once: the API's types and the client's from the .graphql files, docs/ERRORS.md
// and docs/EVENTS.md from their tables. `--promise` makes today's API the one that clients may rely on. `--check` writes nothing and exits 1 when a file is stale.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { transformFile } from '@swc/core';
import prettier from 'prettier';

const root = join(import.meta.dirname, '..');
const api = join(root, 'apps/server/src/api');
const target = join(api, 'schema.generated.ts');

const config = {
  avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: true },
  enumsAsTypes: true,
  immutableTypes: true,
  maybeValue: 'T | null',
  inputMaybeValue: 'T | null | undefined',
  skipTypename: true,
  useTypeImports: true,
  strictScalars: true,
  scalars: {
    ID: 'string',
    ContainerNumber: 'string',
    LicencePlate: 'string',
    CreditCode: 'string',
    UnLocode: 'string',
    EpcUri: 'string',
    Duration: 'number',
    DateTime: { input: 'Date', output: 'Date | string | number' },
    Longitude: 'number',
    Latitude: 'number',
    Json: 'unknown',
    IdempotencyKey: 'string',
  },
};

const sdl = readdirSync(api, { recursive: true })
  .filter((name) => name.endsWith('.graphql'))
  .sort()
  .map((name) => readFileSync(join(api, name), 'utf8'))
  .join('\n');

const code = await codegen({
  schema: parse(sdl),
  documents: [],
  filename: target,
  config,
  plugins: [{ typescript: {} }],
  pluginMap: { typescript },
});

const documentsFolder = join(root, 'apps/server/src/documents');
const documents = readdirSync(documentsFolder)
  .filter((name) => name.endsWith('.graphql'))
  .sort()
  .map((location) => {
    const text = readFileSync(join(documentsFolder, location), 'utf8');
    return { location, text, document: parse(text) };
  });

const client = join(root, 'clients/typescript/operations.generated.ts');
/** Over the wire every scalar but JSON's own numbers is text. */
const wire = Object.fromEntries(
  Object.entries(config.scalars).map(([name, type]) => [
    name,
    ['DateTime', 'Duration'].includes(name) ? 'string' : type,
  ]),
);
const clientTypes = await codegen({
  schema: parse(sdl),
  documents,
  filename: client,
  config: { ...config, scalars: wire },
  plugins: [{ operations: {} }],
  pluginMap: { operations },
});
const KINDS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
const clientDocuments = documents.map(({ text, document }) => {
  const [{ name, operation }] = document.definitions;
  const type = `${name.value}${KINDS[operation]}`;
  return `export const ${name.value}: Document<${type}, ${type}Variables> = {\n  text: ${JSON.stringify(text)},\n};`;
});

/** A table's module: data alone, so its types can be stripped and it imports nothing. */
async function table(path) {
  const { code: script } = await transformFile(join(root, path), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
  });
  return import(`data:text/javascript,${encodeURIComponent(script)}`);
}

const { ERROR_CODES } = await table('libs/kernel/src/error-codes.ts');
const errors = `# Errors

Written by bin/generate.mjs from libs/kernel/src/error-codes.ts; do not edit.

Every error has one shape, \`{code, category, retryable, details}\`: in GraphQL as \`extensions\`, with \`messageZh\` beside the English
message; over REST as the body. \`details\` names the field, the offending value and what would be right, where there is one.

| code | category | retry can help | meaning | 含义 |
| --- | --- | --- | --- | --- |
${Object.entries(ERROR_CODES)
  .map(
    ([name, { category, retryable, en, zh }]) =>
      `| \`${name}\` | ${category} | ${retryable ? 'yes' : 'no'} | ${en} | ${zh} |`,
  )
  .join('\n')}
`;

const { EVENT_KINDS } = await table('libs/journal/src/event-kinds.ts');
const events = `# Events

Written by bin/generate.mjs from libs/journal/src/event-kinds.ts; do not edit.

Each kind of the journal, with the words in which others are told of it: DCSA Track & Trace (\`IOT\` codes are those of the 3.0 draft,
the rest of 2.2) and EPCIS 2.0 with CBV. A dash: the vocabulary has no word, and the kind travels as our own extension.

| kind | meaning | 含义 | DCSA | EPCIS event, action | business step | disposition |
| --- | --- | --- | --- | --- | --- | --- |
${Object.entries(EVENT_KINDS)
  .map(
    ([kind, { meaning, meaningZh, dcsa, epcis }]) =>
      `| \`${kind}\` | ${meaning} | ${meaningZh} | ${dcsa === null ? '–' : `${dcsa.type} ${dcsa.code}`} | ${epcis.type} ${epcis.action} | ${epcis.bizStep ?? '–'} | ${epcis.disposition ?? '–'} |`,
  )
  .join('\n')}
`;

const promised = join(root, 'docs/schema.promised.graphql');
const declared = join(root, 'docs/breaking-changes.json');

const files = new Map([
  [
    client,
    [
      '// Written by bin/generate.mjs from the .graphql files of apps/server/src/documents; do not edit.',
      "import type { Document } from './document.js';",
      clientTypes,
      ...clientDocuments,
    ].join('\n'),
  ],
  [target, `// Written by bin/generate.mjs from the .graphql files; do not edit.\n${code}`],
  [join(root, 'docs/ERRORS.md'), errors],
  [join(root, 'docs/EVENTS.md'), events],
  ...(process.argv.includes('--promise')
    ? [
        [promised, `# What clients may rely on; written by bin/generate.mjs --promise, do not edit.\n${sdl}`],
        [declared, '[]'],
      ]
    : []),
]);
for (const [path, raw] of files) {
  const text = await prettier.format(raw, { ...(await prettier.resolveConfig(path)), filepath: path });
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (current === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
  }
}
