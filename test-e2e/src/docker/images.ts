/** The images of the machines: built where they are not there yet with the same content. */
import path from 'node:path';
import { baseContext, machineContext } from './context.ts';
import { debianImage, hasImage } from './debian.ts';
import { docker, run } from './docker.ts';

export interface Images {
  readonly machine: string;
  readonly zookeeper: string;
  /** Has the tools that the runner uses beside a machine. */
  readonly tools: string;
}

const prefix = 'mesos-torque-e2e';
const buildMsMax = 900_000;
const machineImagesMax = 5;

/** `baseImage` has the site's own programs; null for the stand-ins. Debian's image is there already. */
export async function ensureImages(
  root: string,
  baseImage: string | null,
  say: (line: string) => void,
): Promise<Images> {
  const beganMs = performance.now();
  const contexts = path.join(root, '.mesos-torque', 'images');
  const base = await baseContext(root, path.join(contexts, 'base'));
  const machine = await machineContext(root, path.join(contexts, 'machine'));
  const tools = `${prefix}/tools:${base.tag}`;
  const zookeeper = `${prefix}/zookeeper:${base.tag}`;
  const built = [
    await ensureImage({ ...base, target: 'tools', name: tools, args: { DEBIAN: debianImage } }),
    await ensureImage({ ...base, target: 'zookeeper', name: zookeeper, args: { DEBIAN: debianImage } }),
  ];
  const from = baseImage ?? tools;
  const name = `${prefix}/machine:${machine.tag}-${(await imageId(from)).slice(0, 12)}`;
  built.push(await ensureImage({ ...machine, target: 'machine', name, args: { BASE_IMAGE: from } }));
  await removeOld();
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
  say(built.includes(true) ? `images were built in ${seconds} s` : `images are there (${seconds} s)`);
  return { tools, zookeeper, machine: name };
}

async function imageId(name: string): Promise<string> {
  const id = await docker(['image', 'inspect', '--format', '{{.Id}}', name]).catch(async () => {
    await docker(['pull', '--quiet', name], { timeoutMs: buildMsMax });
    return docker(['image', 'inspect', '--format', '{{.Id}}', name]);
  });
  return id.trim().replace(/^sha256:/, '');
}

interface Build {
  readonly dir: string;
  readonly target: string;
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Whether it had to be built. */
async function ensureImage(wanted: Build): Promise<boolean> {
  if (await hasImage(wanted.name)) return false;
  await buildImage(wanted);
  await docker(['tag', wanted.name, `${prefix}/${wanted.target}:latest`]);
  return true;
}

/**
 * Each change of our programs makes an image of 250 MB for machines; the newest ones stay, so that the cache does not grow
 * and that runs beside this one find theirs. One that is in use stays, too.
 */
async function removeOld(): Promise<void> {
  const listed = await docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', `${prefix}/machine`]);
  const names = listed.split('\n').filter((name) => name !== '' && !name.endsWith(':latest'));
  for (const name of names.slice(machineImagesMax)) await run(['docker', 'rmi', name]);
}

/** On the host's network: a proxy or a mirror may be on the loopback. */
async function buildImage({ dir, target, name, args }: Build): Promise<void> {
  const given = Object.entries({ ...args, ...proxies() }).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ]);
  await docker(['build', '--network', 'host', '--target', target, '--tag', name, ...given, dir], {
    timeoutMs: buildMsMax,
  });
}

/** Docker takes these by name without a declaration and keeps them out of the image. */
function proxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
