/** A document of the API with the types of what it takes and gives. */
export interface Document<Data, Variables> {
  readonly text: string;
  /** Never there: it carries the types. */
  readonly types?: (variables: Variables) => Data;
}
