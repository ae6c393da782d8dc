import type { House } from './house.js';

/** What the three people and the strangers are told, without times and ids: two runs of the same day must agree in it. */
export interface Answers {
  readonly operator: unknown;
  readonly company: unknown;
  readonly customs: unknown;
  readonly stranger: unknown;
  readonly nobody: unknown;
}

export interface Question {
  /** Boxes that the day is about. */
  readonly boxes: readonly string[];
  /** The company's shipment of these boxes. */
  readonly shipment: string;
}

const OPERATOR = `query {
  passes(first: 50) { nodes {
    lane { code } direction directionSource outcome truckPlate containerNumbers exceptions
    visit { truckPlate chassisPlate state transactions { kind containerNumber } } } }
  truckVisits(first: 50) { nodes { truckPlate state passes { lane { code } } } }
  unresolvedObservations(first: 50) { nodes { reason seen state proposals { containerNumber } } }
  alerts(first: 50) { nodes { kind state } } }`;

const COMPANY = `query ($reference: String!) {
  shipment(reference: $reference) {
    status
    containers { number container { status place { zone { code } } } }
    events(first: 50) { nodes { kind asset { code } zone { code } lane { code } stands } }
    milestones { code reached reachedBy { containerNumber event { kind } } }
    milestonesToCome { code } } }`;

const CUSTOMS = `query ($box: ContainerNumber!) {
  container(number: $box) {
    status place { zone { code } }
    chain(first: 200) { nodes { kind details } } }
  events(filter: { container: $box }, first: 50) { nodes { kind asset { code } truckPlate gate { code } zone { code } source } } }`;

const STRANGER = `query ($box: ContainerNumber!) { container(number: $box) { number status events { nodes { kind } } } }`;
const STRANGERS_LIST = `query ($box: ContainerNumber!) { events(filter: { container: $box }, first: 50) { nodes { kind } } }`;
const STRANGERS_SHIPMENT = `query ($reference: String!) { shipment(reference: $reference) { reference } }`;

export async function answersOf(house: House, { boxes, shipment }: Question): Promise<Answers> {
  const company = house.token('LOGISTICS');
  const customs = house.token('CUSTOMS_OFFICER');
  const stranger = house.token('STRANGER');
  const eachBox = (token: string | null, query: string): Promise<unknown[]> =>
    Promise.all(boxes.map((box) => house.ask(token, query, { box })));
  return comparable({
    operator: await house.ask(house.token('GATE_OPERATOR'), OPERATOR),
    company: await house.ask(company, COMPANY, { reference: shipment }),
    customs: await eachBox(customs, CUSTOMS),
    stranger: [
      await eachBox(stranger, STRANGER),
      await eachBox(stranger, STRANGERS_LIST),
      await house.ask(stranger, STRANGERS_SHIPMENT, { reference: shipment }),
    ],
    nobody: await eachBox(null, STRANGER),
  }) as Answers;
}

/**
 * Lists are ordered by (time, id), and ids follow from the boots that a gateway draws: what happened in one millisecond has no
 * order that two days share. So lists of nodes are sorted by their text, and the chain's details, all ids and times, are left out.
 */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) => {
    if (key === 'details') return undefined;
    return UNORDERED.has(key)
      ? sortedByText(key === 'nodes' ? observationsOnce(part as unknown[]) : (part as unknown[]))
      : part;
  }) as unknown;
}

/**
 * Of a chain's observations only that there are some: UHF readers have no acknowledgement, so reads that were not yet synced at a
 * kill are gone, and a tag's stay may then be one visit more or less. Passes and events must agree one by one.
 */
function observationsOnce(list: readonly unknown[]): unknown[] {
  const isObservation = (node: unknown): boolean => (node as { kind?: unknown }).kind === 'OBSERVATION';
  const first = list.findIndex(isObservation);
  return list.filter((node, index) => !isObservation(node) || index === first);
}

const sortedByText = (list: readonly unknown[]): unknown[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const UNORDERED: ReadonlySet<string> = new Set([
  'nodes',
  'containers',
  'containerNumbers',
  'reachedBy',
  'transactions',
]);
