/** One attribute as pbs_server tells it to its clients: `Resource_List.nodes = 3:ppn=2`. */
export interface Attribute {
  readonly name: string;
  readonly resource: string | null;
  readonly value: string;
}

export function attribute(name: string, value: string | number, resource: string | null = null): Attribute {
  return { name, resource, value: String(value) };
}

/** A job, node, queue or server with its attributes, in the order in which they are printed. */
export interface Status {
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

/** One `name[.resource] op value` of a qmgr command. */
export interface Directive {
  readonly name: string;
  readonly resource: string | null;
  readonly op: '=' | '+=' | '-=' | 'unset';
  readonly value: string;
}
