import type { SignIn } from '../../../../fixtures/seed/index.js';

interface PasteableQuery {
  readonly title: string;
  /** The role whose sign-in the ready line uses, as the seed spells it. */
  readonly role: string;
  readonly query: string;
  /** Why it is asked: customs’ reads need one. */
  readonly caseNumber?: string;
}

const QUERIES: readonly PasteableQuery[] = [
  {
    title: 'What passed the gates last? (customs)',
    role: 'CUSTOMS_OFFICER',
    caseNumber: 'DEMO-0001',
    query:
      '{ events(first: 5, filter: { kinds: [ContainerGatedIn, ContainerGatedOut] }) ' +
      '{ nodes { kind occurredAt containerNumber truckPlate site { code } lane { code } } } }',
  },
  {
    title: 'Where are my shipments? (logistics company)',
    role: 'LOGISTICS',
    query:
      '{ shipments(first: 3) { nodes { reference status containers { number } milestonesToCome { code plannedAt } ' +
      'events(first: 3) { nodes { kind occurredAt containerNumber } } } } }',
  },
];

/** What the terminal shows once everything is ready. */
export function welcome(address: string, signIns: readonly SignIn[]): string {
  const lines = [
    '',
    `Boxtrail is ready: ${address}`,
    `  API      ${address}/graphql`,
    `  health   ${address}/health/ready`,
    `  metrics  ${address}/metrics`,
  ];
  if (signIns.length > 0) {
    lines.push('', 'Sign-ins (send as "Authorization: Bearer <token>"):');
    for (const { role, displayName, organisation, token } of signIns) {
      lines.push(`  ${role}  ${displayName}, ${organisation}`, `    ${token}`);
    }
    for (const { title, role, query, caseNumber } of QUERIES) {
      const signIn = signIns.find((candidate) => candidate.role === role);
      lines.push('', title, `  ${query}`);
      if (signIn !== undefined) {
        lines.push(`  ${curl(address, signIn.token, query, caseNumber)}`);
      }
    }
  }
  lines.push('', 'Ctrl-C ends it.', '');
  return lines.join('\n');
}

/** A line to paste into a POSIX shell: the body is JSON in single quotes, so it must hold none. */
export function curl(address: string, token: string, query: string, caseNumber?: string): string {
  const body = JSON.stringify({ query }).replaceAll("'", String.raw`\u0027`);
  const why = caseNumber === undefined ? '' : ` -H 'x-case-number: ${caseNumber}'`;
  return `curl -s ${address}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${token}'${why} -d '${body}'`;
}
