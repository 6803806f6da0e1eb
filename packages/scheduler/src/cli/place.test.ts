/** Asking a scheduler over TLS: whom the command line believes, what it shows, and what it says where that does not do. */
import { chmodSync } from 'node:fs';
import net from 'node:net';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveControlOverTls, type ControlServer } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory, type ControlStory } from '../api/testing/control-story.ts';
import { bearerToken, tokensOf } from '../api/tokens.ts';
import { run, temporaryFolder, type Ended, type Folder } from './testing/run.ts';

const site = testAuthority('site');
const token = { viewer: 'viewer-0123456789abcdef', operator: 'operator-0123456789abcd' };
const tokens = tokensOf(`viewer vera ${token.viewer}\noperator olga ${token.operator}`, 'tokens');

let folder: Folder;
let story: ControlStory;
let server: ControlServer & { readonly port: number };

beforeEach(async () => {
  folder = temporaryFolder();
  story = aControlStory('policy minSlotsHeld=0\nnode n1 np=2 phase=up', systemClock);
  await serve(null);
});

afterEach(async () => {
  await server.close();
  folder.remove();
});

async function serve(clientCa: string | null, names: readonly string[] = ['127.0.0.1']): Promise<void> {
  const service = controlService(story.control, (metadata) => {
    const [header] = metadata.get('authorization');
    return tokens.mustKnow(bearerToken(header?.toString()));
  });
  server = await serveControlOverTls('127.0.0.1:0', { ...site.issue([...names]), clientCa }, service);
}

function secret(name: string, text: string): string {
  const file = folder.file(name, text);
  chmodSync(file, 0o600);
  return file;
}

const api = (): readonly string[] => ['--api', `127.0.0.1:${String(server.port)}`];
const ca = (): readonly string[] => ['--ca', folder.file('ca.pem', site.cert)];
const as = (who: keyof typeof token): readonly string[] => ['--token-file', secret(who, `${token[who]}\n`)];
const ask = (command: readonly string[], ...flags: readonly string[]): Promise<Ended> =>
  run(...command, ...flags);
const status = ['status'];
const drain = ['drain', 'node', 'n1', '--why', 'disk'];

describe('with a token, over TLS', () => {
  it('a viewer looks', async () => {
    const ended = await ask(['nodes'], ...api(), ...ca(), ...as('viewer'));

    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain('n1');
  });

  it('streams are asked with it too', async () => {
    const ended = await ask(['snapshot'], ...api(), ...ca(), ...as('viewer'));

    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ nextSerial: 100 });
  });

  it('an operator drains, under the name of the token', async () => {
    expect(await ask(drain, ...api(), ...ca(), ...as('operator'))).toMatchObject({ code: 0, err: '' });
    expect(story.wishes().drains).toMatchObject([{ who: 'olga' }]);
  });

  it('the configuration says where, whom to believe and who we are', async () => {
    const config = folder.file(
      'config.yaml',
      `client:\n  api: 127.0.0.1:${String(server.port)}\n  tlsCa: ${ca()[1] ?? ''}\n  tokenFile: ${as('viewer')[1] ?? ''}\n`,
    );

    expect(await ask(status, '--config', config)).toMatchObject({ code: 0, err: '' });
  });
});

describe('what is wrong is said', () => {
  it.each([
    [
      'another authority',
      () => ['--ca', folder.file('other.pem', testAuthority('others').cert), ...as('viewer')],
      3,
      /its certificate is not from an authority that we believe; name its authority with --ca$/,
    ],
    ['no authority', () => as('viewer'), 3, /not from an authority that we believe/],
    ['no token', ca, 1, /wants a token: name a file that holds yours with --token-file$/],
    [
      'a token that is not known',
      () => [...ca(), '--token-file', secret('t', 'guessed-0123456789abcdef')],
      1,
      /does not take the token of .*: the token is not known$/,
    ],
    [
      'a token that others can read',
      () => [...ca(), '--token-file', folder.file('t', token.viewer)],
      2,
      /--token-file: ".*" has mode 0644, .*: chmod 600 /,
    ],
    [
      'no file with a token',
      () => [...ca(), '--token-file', '/nowhere/t'],
      2,
      /"\/nowhere\/t" does not exist$/,
    ],
    ['a certificate without its key', () => [...ca(), '--cert', ca()[1] ?? ''], 2, /give both or neither$/],
    [
      'what is no certificate',
      () => ['--ca', folder.file('x', 'hello')],
      2,
      /there is no certificate \(PEM\)/,
    ],
  ] as const)('%s', async (_what, flags, code, words) => {
    const ended = await ask(status, ...api(), ...flags());

    expect({ code: ended.code, out: ended.out }).toEqual({ code, out: '' });
    expect(ended.err.trim()).toMatch(words);
    expect(ended.err).not.toMatch(/0123456789abc/);
  });

  it('a viewer may not drain', async () => {
    const ended = await ask(drain, ...api(), ...ca(), ...as('viewer'));

    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toBe('mesos-torque: draining takes the role operator; vera may act as viewer\n');
  });

  it('a certificate for another name', async () => {
    await server.close();
    await serve(null, ['m9.example.org']);

    const ended = await ask(status, ...api(), ...ca(), ...as('viewer'));

    expect(ended.code).toBe(3);
    expect(ended.err).toMatch(/its certificate is made out to another name \(.*127\.0\.0\.1 is not in/);
  });

  it('nobody there', async () => {
    const place = api();
    await server.close();

    const ended = await ask(status, ...place, ...ca(), ...as('viewer'));

    expect(ended.code).toBe(3);
    expect(ended.err).toMatch(/nothing listens there; is control\.listen set/);
    await serve(null);
  });

  it('somebody else there, who speaks no TLS', async () => {
    const other = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;

    const ended = await ask(status, '--api', `127.0.0.1:${String(port)}`, ...ca(), ...as('viewer'));

    other.close();
    expect(ended.code).toBe(3);
    expect(ended.err).toContain('what is there does not speak TLS');
  });

  it.each([
    [['--api', 'nonsense'], '--api nonsense is not HOST:PORT'],
    [['--api', 'h:1', '--socket', '/s'], '--socket and --api: give one of them'],
    [['--token-file', '/t'], '--token-file goes with --api HOST:PORT'],
  ])('%j', async (flags, words) => {
    expect(await ask(status, ...flags)).toMatchObject({ code: 2, err: `mesos-torque: ${words}\n` });
  });
});

describe('where the scheduler asks for a certificate', () => {
  const people = testAuthority('people');

  beforeEach(async () => {
    await server.close();
    await serve(people.cert);
  });

  function identity(authority: typeof people): readonly string[] {
    const { cert, key } = authority.issue(['olga']);
    return ['--cert', folder.file('olga.pem', cert), '--key', secret('olga.key', key)];
  }

  it('it is shown', async () => {
    const ended = await ask(status, ...api(), ...ca(), ...as('viewer'), ...identity(people));

    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['none', () => []],
    ['one of another authority', () => identity(testAuthority('others'))],
  ])('%s does not do', async (_what, shown) => {
    const ended = await ask(status, ...api(), ...ca(), ...as('viewer'), ...shown());

    expect(ended).toMatchObject({ code: 3, out: '' });
    expect(ended.err).toContain('it does not take our certificate');
  });
});
