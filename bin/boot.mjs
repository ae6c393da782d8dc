#!/usr/bin/env node
/**
 * The way in from a fresh clone: `node bin/boot.mjs start | test … | bench <name> | <operator's command> …`.
 * Plain Node without packages, and in a syntax that an old Node still reads, so that it can say that it is too old.
 */
var MINIMUM = { 20: 19, 22: 13, 24: 11 };

function supports(version) {
  var parts = version.split('.').map(Number);
  return parts[0] > 24 || (MINIMUM[parts[0]] !== undefined && parts[1] >= MINIMUM[parts[0]]);
}

if (!supports(process.versions.node)) {
  console.error(
    'boxtrail: NODE_TOO_OLD: this is Node ' +
      process.versions.node +
      '; Boxtrail needs 20.19, 22.13, 24.11 or newer in its line. Install one from https://nodejs.org and start again.',
  );
  process.exit(1);
}

import('./go.mjs')
  .then(function (module) {
    return module.go(process.argv.slice(2));
  })
  .catch(function (error) {
    console.error('boxtrail: ' + (error.advice ? error.message : error.stack));
    process.exitCode = 1;
  });
