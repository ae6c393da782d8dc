/**
 * The import rules of docs/ARCHITECTURE.md, one row a room: what the room may import besides itself, libs/kernel and packages.
 * A room that is not listed here may not exist; add its row first.
 */
const rooms = {
  'libs/kernel': [],
  'libs/identifiers': [],
  'libs/geo': [],
  'libs/signing': [],
  'libs/telemetry': ['libs/identifiers'],
  'libs/lane': ['libs/identifiers', 'libs/telemetry'],
  'libs/persistence': [],
  'libs/journal': ['libs/identifiers', 'libs/persistence'],
  'libs/gate': ['libs/identifiers', 'libs/lane', 'libs/journal', 'libs/persistence'],
  'libs/tracking': [
    'libs/identifiers',
    'libs/geo',
    'libs/telemetry',
    'libs/lane',
    'libs/gate',
    'libs/journal',
    'libs/persistence',
  ],
  'libs/shipments': ['libs/identifiers', 'libs/journal', 'libs/gate', 'libs/persistence'],
  'libs/exchange': ['libs/identifiers', 'libs/journal', 'libs/gate', 'libs/persistence'],
  'libs/audit': ['libs/persistence'],
  'libs/targeting': ['libs/journal', 'libs/persistence'],
  'libs/identity': ['libs/persistence', 'libs/signing'],
  'hardware-adapters': ['libs/telemetry', 'libs/identifiers'],
  'apps/server': ['libs/'],
  'apps/gateway': ['libs/', 'hardware-adapters'],
  'apps/simulator': ['libs/identifiers', 'libs/geo', 'hardware-adapters', 'fixtures'],
  'apps/operator': ['libs/', 'hardware-adapters', 'fixtures', 'apps/'],
  fixtures: ['libs/', 'hardware-adapters'],
  clients: [],
};

const inRoom = (room) => `^${room}(/|$)`;
const outside = (room, allowed) =>
  `^(?!(?:${[room, 'libs/kernel', ...allowed].map((r) => (r.endsWith('/') ? r : `${r}(?:/|$)`)).join('|')}))(?:apps|clients|libs|hardware-adapters|fixtures|test|bin)/`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: '^node_modules' } } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'room-is-listed',
      comment: 'a folder under libs/ or apps/ that has no row above',
      severity: 'error',
      from: { pathNot: '^$' },
      to: {
        path: '^(libs|apps)/',
        pathNot: Object.keys(rooms).map(inRoom),
      },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `room-${room.replace('/', '-')}`,
      comment: `${room} may import ${[...allowed, 'libs/kernel'].join(', ')}`,
      severity: 'error',
      from: { path: inRoom(room), pathNot: '\\.spec\\.ts$' },
      to: { path: outside(room, allowed) },
    })),
    {
      name: 'a-lib-is-entered-by-its-door',
      comment: 'other rooms import libs/<room>/src/index.ts only',
      severity: 'error',
      from: { path: '^(apps|libs|hardware-adapters)/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'pure-rooms-stay-pure',
      comment: 'codecs and pure libs know no Nest, TypeORM, database or network framework',
      severity: 'error',
      from: {
        path: '^(libs/(identifiers|geo|telemetry|lane|signing|kernel)|hardware-adapters/(?!transport))',
        pathNot: '\\.spec\\.ts$',
      },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|fastify|graphql|@apollo)(/|$)' },
    },
    {
      name: 'business-domains-know-no-graphql',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: 'node_modules/(graphql|@nestjs/graphql|@apollo)(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
