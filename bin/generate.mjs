#!/usr/bin/env node
// Writes what is told twice from where it is told once: the API's types from the .graphql files, docs/ERRORS.md and
// docs/EVENTS.md from their tables. `--check` writes nothing and exits 1 when a file is stale.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
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

const files = new Map([
  [target, `// Written by bin/generate.mjs from the .graphql files; do not edit.\n${code}`],
  [join(root, 'docs/ERRORS.md'), errors],
  [join(root, 'docs/EVENTS.md'), events],
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
