/** The compose file and the layout say the same; both are read by people and by programs. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as layout from '../layout.ts';

const docker = new URL('../../../docker/', import.meta.url);
const compose = readFileSync(new URL('compose.yaml', docker), 'utf8');
const placed = [layout.head, layout.client, layout.zookeeper, ...layout.masters, ...layout.agents];

/** The lines of a service. */
function service(key: string): string {
  const text = new RegExp(`^  ${key}:\\n((?:    .*\\n)+)`, 'm').exec(compose)?.[1];
  if (text === undefined) throw new Error(`compose.yaml has no service ${key}`);
  return text;
}

test.each(placed)('$name has its name, its address and a line for the others', ({ key, name, number }) => {
  expect(service(key)).toContain(`hostname: ${name}\n`);
  expect(service(key)).toContain(`-${key}\n`);
  expect(service(key)).toContain(`ipv4_address: '\${E2E_NET:-10.213.7}.${String(number)}'`);
  expect(compose).toContain(`- ${name}:\${E2E_NET:-10.213.7}.${String(number)}\n`);
});

test('there is no machine that the layout does not know', () => {
  expect(compose.match(/^ {4}hostname: /gm)).toHaveLength(placed.length);
});

test.each(layout.agents)('$name offers what the layout says', (agent) => {
  const { begin, end } = layout.offeredPorts;
  const resources = `cpus:${String(agent.cpus)};mem:${String(agent.memMib)};disk:${String(agent.diskMib)};ports:[${String(begin)}-${String(end)}]`;
  const attributes = Object.entries(agent.attributes)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  expect(service(agent.key)).toContain(`SITE_RESOURCES: '${resources}'\n`);
  expect(service(agent.key)).toContain(`SITE_ATTRIBUTES: '${attributes}'\n`);
});

test('the users of the layout are those of the images', () => {
  const script = readFileSync(new URL('machine/add-users', docker), 'utf8');
  const words = layout.users.map(({ name, uid }) => `${name}:${String(uid)}`).join(' ');
  expect(script).toContain(`for user in ${words}; do`);
});
