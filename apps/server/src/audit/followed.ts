import { recordWith } from '#libs/audit';
import type { WorkingEndpoint } from '#libs/exchange';
import type { Tx } from '#libs/persistence';

/** What a webhook of customs is told is read by them: for the case for which it was made. */
export const isReadForACase = ({ role }: WorkingEndpoint): boolean => role === 'CUSTOMS_OFFICER';

/** In the transaction that puts events on their way to an endpoint. */
export async function recordFollowing(tx: Tx, endpoint: WorkingEndpoint, rows: number): Promise<void> {
  if (!isReadForACase(endpoint)) return;
  const { id, organisationId, madeBy, role, caseNumber, filter } = endpoint;
  await recordWith(tx, {
    actor: { kind: 'PERSON', id: madeBy, organisationId, role, address: null, requestId: null },
    operation: 'Webhook.follow',
    subject: { type: 'WebhookEndpoint', keys: [id] },
    asked: { filter },
    rows,
    caseNumber,
    outcome: 'DONE',
  });
}
