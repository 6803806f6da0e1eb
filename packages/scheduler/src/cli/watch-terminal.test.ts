/** `watch` on a real pseudo terminal: the screen comes, shows the cluster, and is given back on Ctrl-C. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { describe, expect, it } from 'vitest';
import { serveControl } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory } from '../api/testing/control-story.ts';
import { onSocket } from '../api/tokens.ts';
import { temporaryFolder } from './testing/run.ts';

/** util-linux' `script` has `--command`; the one of macOS and BSD has not. */
const probe = spawnSync('script', ['--version'], { encoding: 'utf8' });
const hasScript = probe.status === 0 && probe.stdout.includes('util-linux');
if (!hasScript) sayNotChecked('watch on a terminal', 'there is no script of util-linux');

const enterScreen = '\u001B[?1049h';
const leaveScreen = '\u001B[?1049l';

describe.skipIf(!hasScript)('watch', () => {
  it('draws, follows what happens, and gives the terminal back', { timeout: 90_000 }, async () => {
    const folder = temporaryFolder();
    const story = aControlStory('policy minSlotsHeld=0\njob 1\nnode n1 np=2 phase=up', systemClock);
    const socket = path.join(folder.path, 's');
    const server = await serveControl(
      socket,
      controlService(story.control, () => onSocket),
    );
    const main = path.join(import.meta.dirname, '../main.ts');
    const command = `stty rows 24 cols 80; exec ${process.execPath} ${main} watch --socket ${socket}`;
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', SHELL: '/bin/sh' },
    });
    const ended = once(terminal, 'exit');
    let shown = '';
    terminal.stdout.on('data', (piece: Buffer) => {
      shown += piece.toString();
    });
    try {
      await expect.poll(() => shown, { timeout: 30_000 }).toMatch(/n1 +up/);
      story.ring.append({ atMs: 1_000, event: 'node drained', node: 'n1' });
      await expect.poll(() => shown, { timeout: 30_000 }).toContain('node drained');
      terminal.stdin.write('\u0003');

      expect(await ended).toEqual([0, null]);
      expect(shown.indexOf(enterScreen)).toBeGreaterThanOrEqual(0);
      expect(shown.lastIndexOf(leaveScreen)).toBeGreaterThan(shown.lastIndexOf('n1'));
    } finally {
      terminal.kill('SIGKILL');
      await server.close();
      folder.remove();
    }
  });
});
