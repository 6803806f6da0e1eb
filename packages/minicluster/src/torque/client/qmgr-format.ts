/** What `list` and `print` of qmgr print. */
import type { ManagedObject } from '../shared/api.ts';
import type { Attribute, Status } from '../shared/attribute.ts';
import { ctime } from '../shared/times.ts';

const lineChars = 80;

export function listText(object: ManagedObject, statuses: readonly Status[]): string {
  const title = { server: 'Server', queue: 'Queue', node: 'Node' }[object];
  return statuses.map((s) => `${title} ${s.name}\n${s.attributes.map(listLine).join('')}\n`).join('');
}

function fullName(a: Attribute): string {
  return a.resource === null ? a.name : `${a.name}.${a.resource}`;
}

function listLine(a: Attribute): string {
  const name = fullName(a);
  if (a.name === 'mtime') return `\t${name} = ${ctime(Number(a.value))}\n`;
  return `\t${name} = ${wrap(a.value, name.length + 11)}\n`;
}

/** Breaks after a comma; the column counts a comma for every piece, the last one too. */
function wrap(value: string, indent: number): string {
  let column = indent;
  let text = '';
  const pieces = value.split(',');
  for (const [i, piece] of pieces.entries()) {
    column += piece.length + 1;
    if (i > 0 && column >= lineChars) {
      text += `\n${' '.repeat(indent)}${piece.trimStart()}`;
      column = piece.length + indent;
    } else text += piece;
    if (i < pieces.length - 1) text += ',';
  }
  return text;
}

/** Attributes that `print` leaves out, because they cannot be set. */
const notPrinted: Readonly<Record<ManagedObject, readonly string[]>> = {
  server: ['server_state', 'total_jobs', 'state_count', 'resources_assigned', 'pbs_version', 'net_counter'],
  queue: ['total_jobs', 'state_count', 'mtime', 'resources_assigned'],
  node: ['power_state', 'jobs', 'status', 'note', 'mom_service_port', 'mom_manager_port', 'TTL', 'requestid'],
};

const printHeads: Readonly<Record<ManagedObject, string>> = {
  server: '#\n# Set server attributes.\n#\n',
  queue: '#\n# Create queues and set their attributes.\n#\n',
  node: '#\n# Create nodes and set their properties.\n#\n',
};

/** Commands that would make the objects as they are. */
export function printText(object: ManagedObject, statuses: readonly Status[]): string {
  return printHeads[object] + statuses.map((s) => printOne(object, s)).join('');
}

function printOne(object: ManagedObject, status: Status): string {
  const subject = object === 'server' ? 'server' : `${object} ${status.name}`;
  const head = object === 'server' ? '' : `#\n# Create and define ${subject}\n#\ncreate ${subject}\n`;
  const lines = status.attributes
    .filter((a) => !notPrinted[object].includes(a.name))
    .flatMap((a) =>
      a.value
        .split(',')
        .map((piece, i) => `set ${subject} ${fullName(a)} ${i === 0 ? '=' : '+='} ${piece}\n`),
    );
  return head + lines.join('');
}
