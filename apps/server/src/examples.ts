/** A logistics company: where its boxes are, what happened last and what is still to come. */
export const COMPANY_QUERY = `query MyShipments {
  shipments(first: 5) {
    nodes {
      reference
      status
      containers {
        number
        container {
          status
          place { at site { name nameZh } zone { name } }
          events(first: 3) { nodes { kind occurredAt truckPlate } }
        }
      }
      milestonesToCome { code plannedAt site { name } }
    }
  }
}`;

/** A customs officer: what happened in the port last. */
export const CUSTOMS_QUERY = `query PortEvents {
  events(first: 20, filter: { kinds: [ContainerGatedIn, ContainerGatedOut, PassRefused] }) {
    nodes {
      kind
      occurredAt
      containerNumber
      truckPlate
      gate { name nameZh }
      lane { code }
      pass { outcome exceptions }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** A gate operator: the lanes' latest passes and what ails the devices. */
export const GATE_QUERY = `query MyLanes {
  passes(first: 10) {
    nodes { occurredAt lane { code } direction outcome truckPlate containerNumbers exceptions }
  }
  devices { code state lastFrameAt rejected lastError }
  alerts(state: OPEN, first: 10) { nodes { kind severity raisedAt } }
}`;
