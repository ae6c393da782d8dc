import { ownDocument } from '../documents/index.js';

interface Example {
  /** A file of ../documents, whose first line says for whom it is. */
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** The tabs of a page that was never opened: for everybody, the gate operator, the logistics company, the customs officer. */
const EXAMPLES: readonly Example[] = [
  { document: 'who-am-i' },
  { document: 'my-lanes' },
  { document: 'lanes-live' },
  {
    document: 'report-pass',
    variables: {
      idempotencyKey: '(drawn)',
      input: {
        lane: 'CNNBO-BLYUA/G1-L3',
        direction: 'IN',
        truck: '浙B12345',
        containers: [{ number: 'CSQU3054383', fullness: 'LADEN' }],
        occurredAt: '(now)',
        verdict: 'ACCEPTED',
        reason: 'tag broken',
      },
    },
  },
  { document: 'my-shipments' },
  { document: 'one-shipment', variables: { reference: 'TWLBK1001' } },
  { document: 'one-container', variables: { number: 'CSQU3054383' } },
  { document: 'events-live', variables: { filter: { kinds: ['ContainerGatedIn', 'ContainerGatedOut'] } } },
  { document: 'port-events' },
  { document: 'port-search', variables: { filter: { text: '浙B' } } },
];

/** An example's variables as of a moment. Its text goes into the page, so it uses nothing from outside of itself. */
export function asOf(variables: string, now: Date): string {
  return variables.replace('(now)', now.toISOString()).replace('(drawn)', `graphiql-${now.getTime()}`);
}

export interface Tab {
  readonly query: string;
  readonly variables: string;
}

export function exampleTabs(): readonly Tab[] {
  return EXAMPLES.map(({ document, variables }) => ({
    query: ownDocument(document),
    variables: variables === undefined ? '' : JSON.stringify(variables, null, 2),
  }));
}
