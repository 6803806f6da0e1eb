/**
 * What may stand in a command for TORQUE. qmgr reads its sentence as a language of its own, with commas,
 * quotes and abbreviations, so every value is checked against what it may consist of; nothing is escaped.
 */
import { quote } from '@mesos-torque/common/text.ts';

export type Checked =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: string };

const hostCharsMax = 253;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^${label}(?:\\.${label})*$`);

/** A host name by RFC 1123, in lower case: labels of 1 to 63 letters, digits and inner hyphens, 253 in all. */
export function checkHostName(name: string): Checked {
  const value = name.toLowerCase();
  return value.length <= hostCharsMax && hostPattern.test(value)
    ? { ok: true, value }
    : { ok: false, error: `${quote(name)} is no host name` };
}

/** A node property as qmgr takes it without quotes; one that began with a digit would read as a count. */
export function checkProperty(property: string): Checked {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(property)
    ? { ok: true, value: property }
    : { ok: false, error: `${quote(property)} is no node property` };
}

/** A `requestid` of ours: mark, framework and task, joined by dots. */
export function checkRequestId(requestId: string): Checked {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,399}$/.test(requestId)
    ? { ok: true, value: requestId }
    : { ok: false, error: `${quote(requestId)} is no request id` };
}

/** A queue's name; TORQUE takes up to 15 characters. */
export function checkQueueName(name: string): Checked {
  return /^[A-Za-z][A-Za-z0-9_-]{0,14}$/.test(name)
    ? { ok: true, value: name }
    : {
        ok: false,
        error: `${quote(name)} is no name of a queue (a letter, then up to 14 letters, digits, _ or -)`,
      };
}

/** `alice@head.example.org`, as the list of managers has it; `*` for the host means any. */
export function checkUserAtHost(text: string): Checked {
  const { user, host } = /^(?<user>[^@]+)@(?<host>[^@]+)$/.exec(text)?.groups ?? {};
  const isUser = user !== undefined && /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(user);
  if (isUser && host !== undefined && (host === '*' || checkHostName(host).ok))
    return { ok: true, value: text };
  return { ok: false, error: `${quote(text)} is not user@host` };
}
