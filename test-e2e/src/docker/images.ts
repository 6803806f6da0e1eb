/** The images of the machines: built where they are not there yet with the same content. */
import path from 'node:path';
import { makeContext } from './context.ts';
import { debianImage, ensureDebian, hasImage } from './debian.ts';
import { docker } from './docker.ts';

export interface Images {
  readonly machine: string;
  readonly zookeeper: string;
  /** Has the tools that the runner uses beside a machine. */
  readonly tools: string;
}

const prefix = 'mesos-torque-e2e';
const buildMsMax = 900_000;

/** `baseImage` has the site's own programs; null for the stand-ins. */
export async function ensureImages(
  root: string,
  baseImage: string | null,
  say: (line: string) => void,
): Promise<Images> {
  const beganMs = performance.now();
  await ensureDebian(say);
  const dir = path.join(root, '.mesos-torque', 'images');
  const base = baseImage === null ? '' : `-${(await imageId(baseImage)).slice(0, 12)}`;
  const tag = `${await makeContext(root, dir)}${base}`;
  const images = {
    tools: `${prefix}/tools:${tag}`,
    zookeeper: `${prefix}/zookeeper:${tag}`,
    machine: `${prefix}/machine:${tag}`,
  };
  const there = await Promise.all(Object.values(images).map(hasImage));
  if (there.every(Boolean)) {
    say(`images ${tag} are there`);
    return images;
  }
  for (const [target, name] of Object.entries(images)) {
    await buildImage({ dir, target, baseImage: target === 'machine' ? baseImage : null, name });
    await docker(['tag', name, `${prefix}/${target}:latest`]);
  }
  say(`images ${tag} were built in ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  return images;
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
  readonly baseImage: string | null;
  readonly name: string;
}

/** On the host's network: a proxy or a mirror may be on the loopback. */
async function buildImage({ dir, target, baseImage, name }: Build): Promise<void> {
  const args = {
    DEBIAN: debianImage,
    ...(baseImage === null ? {} : { BASE_IMAGE: baseImage }),
    ...proxies(),
  };
  const given = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
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
