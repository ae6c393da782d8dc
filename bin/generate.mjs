#!/usr/bin/env node
// Writes apps/server/src/api/schema.generated.ts from the .graphql files; `--check` writes nothing and exits 1 when it is stale.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { parse } from 'graphql';
import prettier from 'prettier';

const api = join(import.meta.dirname, '../apps/server/src/api');
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
const text = await prettier.format(`// Written by bin/generate.mjs from the .graphql files; do not edit.\n${code}`, {
  ...(await prettier.resolveConfig(target)),
  filepath: target,
});

const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
if (process.argv.includes('--check')) {
  if (current !== text) {
    console.error(`${target} is stale: run node bin/generate.mjs`);
    process.exitCode = 1;
  }
} else if (current !== text) {
  writeFileSync(target, text);
}
