/** Reading calls of the operator API (`POST /api/v1`, JSON), at the master that we are subscribed at. */
import type { Connection } from '@mesos-torque/common/event-stream.ts';
import type { HttpPoster } from '@mesos-torque/common/http-post.ts';
import type { TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import type { Outcome } from '../loop/ports.ts';
import { problem, unsubscribed } from './outcomes.ts';

export interface OperatorReadsOptions {
  readonly poster: HttpPoster;
  /** Such as Authorization. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsTrust;
  /** For one call, its answer included. Milliseconds. */
  readonly callTimeMsMax: number;
}

export type ReadType = 'GET_QUOTA' | 'GET_ROLES' | 'GET_AGENTS' | 'GET_VERSION';

const path = '/api/v1';

export class OperatorReads {
  readonly #options: OperatorReadsOptions;

  constructor(options: OperatorReadsOptions) {
    this.#options = options;
  }

  /** The answer's text; `read` makes of it what is wanted, or says why it cannot. */
  async ask<T>(
    connection: Connection | null,
    type: ReadType,
    doing: string,
    read: (text: string) => Reading<T>,
  ): Promise<Outcome<T>> {
    if (connection === null) return unsubscribed(doing);
    const { poster, headers, tls, callTimeMsMax } = this.#options;
    const json = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const request = {
      endpoint: connection.endpoint,
      path,
      headers: { ...headers, ...json },
      body: Buffer.from(JSON.stringify({ type })),
      tls,
    };
    const result = await poster.post(request, callTimeMsMax);
    if (result.kind !== 'answer') return problem('unreachable', `${doing}: ${result.why}`);
    const { status, said, body } = result.answer;
    if (status !== 200) return problem('refused', `${doing}: answered ${status} ${said}`.trimEnd());
    const reading = read(Buffer.from(body).toString('utf8'));
    return reading.ok ? reading : problem('garbled', `${doing}: ${reading.why}`);
  }
}

export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
