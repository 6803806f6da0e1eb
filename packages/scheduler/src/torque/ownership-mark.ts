/**
 * Where the mark of ownership stands: in `requestid` (6.1), or, where the server knows no such attribute
 * (4.2), in a property of the same words. Read here, so that nobody else has to know.
 */
import type { TorqueNode } from '../core/facts.ts';
import { ownerOf } from '../core/names.ts';

export type MarkPlace = 'requestid' | 'property';

/** A node whose mark is a property is shown as if it stood in `requestid`; people's properties stay. */
export function withMark(node: TorqueNode, ownerMark: string): TorqueNode {
  if (node.requestId !== null) return node;
  const mark = node.properties.find((property) => ownerOf(ownerMark, property) !== null);
  if (mark === undefined) return node;
  return {
    ...node,
    requestId: mark,
    properties: node.properties.filter((property) => property !== mark),
  };
}

/**
 * Whether a refusal says that the server has no such attribute, as one of 4.2 does of `requestid`
 * ("Undefined attribute").
 */
export function knowsNoRequestId(detail: string): boolean {
  return /undefined attribute|unknown attribute|invalid attribute/i.test(detail);
}
