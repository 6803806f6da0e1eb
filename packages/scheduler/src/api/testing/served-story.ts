/** A control story on its ways in: gRPC on a unix socket, and HTTP with whatever pages were built. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { serveControl } from '../control-server.ts';
import { controlService } from '../control-service.ts';
import { httpApi } from '../http-api.ts';
import { createEventFeed } from '../http-events.ts';
import { httpPages } from '../http-pages.ts';
import { serveHttp } from '../http-server.ts';
import { noTokens, onSocket } from '../tokens.ts';
import type { ControlStory } from './control-story.ts';

export interface ServedStory {
  readonly socket: string;
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** `pages`: the folder of the built dashboard. */
export async function serveStory(story: ControlStory, pages: string): Promise<ServedStory> {
  const dir = await mkdtemp(path.join(tmpdir(), 'story-'));
  const socket = path.join(dir, 's');
  const { control, feed, clock } = story;
  const server = await serveControl(
    socket,
    controlService(control, () => onSocket),
  );
  const statusJson = async (): Promise<string> =>
    JSON.stringify(GetStatusResponse.toJSON(await control.getStatus({ summary: true })));
  const events = createEventFeed(control.journal, statusJson, feed.onPlan, clock);
  const http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    artifacts: [],
    alive: () => ({ ok: true, why: '' }),
    ready: () => ({ ok: true, why: '' }),
    handlers: [httpApi({ control, tokens: noTokens, events }), await httpPages(pages)],
    log: silentLog,
  });
  return {
    socket,
    url: `http://127.0.0.1:${String(http.port)}/`,
    async close() {
      events.end();
      await http.close();
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
}
