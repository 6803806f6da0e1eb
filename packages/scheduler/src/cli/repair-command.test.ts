import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { serveControl, type ControlServer } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory, type ControlStory } from '../api/testing/control-story.ts';
import { peace, withQuarantine, withTasksGone } from '../api/testing/repair-stories.ts';
import { onSocket } from '../api/tokens.ts';
import { run, temporaryFolder, type Ended } from './testing/run.ts';

const folder = temporaryFolder();
let server: ControlServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** Runs a command line against the story. */
async function served(story: ControlStory): Promise<(...args: readonly string[]) => Promise<Ended>> {
  const socket = path.join(folder.path, 's');
  server = await serveControl(
    socket,
    controlService(story.control, () => onSocket),
  );
  return (...args) => run(...args, '--socket', socket);
}

describe('repair', () => {
  it('says that all agree', async () => {
    const ask = await served(aControlStory(peace, systemClock));

    expect(await ask('repair')).toMatchObject({
      code: 0,
      out: 'Mesos, TORQUE and this scheduler agree: there is nothing to repair.\n',
    });
  });

  it('shows what there is, does nothing, and says so by its exit code', async () => {
    const story = withTasksGone();
    const ask = await served(story);

    const { code, out } = await ask('repair', '--dry-run');

    expect(code).toBe(1);
    expect(out).toContain('n1 (mom.n1.1): node-without-task\n');
    expect(out).toContain('  -> offline, looked at again, deleted once pbs_server shows no job on it');
    expect(out).toMatch(/If they are to go: mesos-torque brake confirm brake-[0-9a-f]{8} --why/);
    expect(story.ring.entries()).toEqual([]);
  });

  it('lets an agent be tried again', async () => {
    const ask = await served(withQuarantine());

    expect((await ask('repair')).out).toMatch(/a7 +100 +resting until .*Z +pbs_mom exited 3\n/);
    expect(await ask('repair', '--yes', '--clear-agent', 'a7', '--why', 'new disk')).toMatchObject({
      code: 0,
    });
    expect((await ask('repair')).out).not.toContain('a7');
  });

  it.each([
    [['repair', '--yes'], '--why: every change names its reason'],
    [['repair', '--yes', '--dry-run', '--why', 'x'], 'give one of them'],
    [['repair', '--clear-agent', 'a7'], '--clear-agent: takes --yes'],
    [['brake', 'release', 'brake-1'], 'only confirm is possible'],
    [['brake', 'confirm'], 'give the id'],
  ])('%j is no command line', async (args, error) => {
    const ended = await run(...args, '--socket', 'nowhere');

    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(error);
  });
});

describe('the brake', () => {
  it('is shown by status too, and confirmed by its id', async () => {
    const ask = await served(withTasksGone());
    const shown = await ask('brake', '-o', 'json');
    const { brake } = JSON.parse(shown.out) as { brake: { id: string } };

    expect(shown.code).toBe(1);
    expect((await ask('status')).out).toContain(`mesos-torque brake confirm ${brake.id} --why`);
    expect(await ask('brake', 'confirm', brake.id, '--why', 'rack 7 has burnt')).toMatchObject({
      code: 0,
      out: 'Confirmed: 8 nodes will go: n1, n2, n3, n4, n5, n6, n7, n8\n',
    });
  });

  it('that is not the one that was shown is refused', async () => {
    const ask = await served(withTasksGone());

    const ended = await ask('brake', 'confirm', 'brake-0', '--why', 'x');

    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toContain('it is brake-');
  });

  it('holds nothing back while all is well', async () => {
    const ask = await served(aControlStory(peace, systemClock));

    expect(await ask('brake')).toMatchObject({ code: 0, out: 'Nothing is held back.\n' });
  });
});
