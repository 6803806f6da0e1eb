/** The policy in force, and the few changes to it that an operator may make while it runs. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { fullTime } from '../format.ts';
import type { Setting, Settings } from '../messages.ts';
import { settingsIn } from '../read-messages.ts';
import { limitsBody } from '../orders.ts';
import { hrefOf } from '../route.ts';
import { mayChange, signIn, signOut, useRole } from '../session.ts';
import { useAnswer, useLive } from '../store.ts';
import { Change, typedInto } from '../parts/change.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';

export function SettingsPage(): JSX.Element {
  const answer = useAnswer('settings', settingsIn);
  const role = useRole();
  return (
    <>
      <h1>Settings</h1>
      <Shown answer={answer} what="the settings">
        {(value) => (
          <>
            {mayChange(role) ? <ChangesPanel settings={value} /> : null}
            <PolicyPanel settings={value} />
          </>
        )}
      </Shown>
      <SignInPanel />
      <AboutPanel />
    </>
  );
}

function PolicyPanel({ settings }: { readonly settings: Settings }): JSX.Element {
  const { changed } = settings;
  return (
    <Panel title="Policy in force">
      {changed === null ? null : (
        <p>
          Changed by {changed.who} at {fullTime(changed.sinceMs)}: {changed.why}
        </p>
      )}
      <DataTable
        caption="Options of the policy with their values"
        empty="The scheduler names no options."
        rows={settings.settings}
        keyOf={({ name }) => name}
        columns={[
          { title: 'Option', kind: 'main', cell: ({ name }) => <code>{name}</code> },
          { title: 'Value', kind: 'wrap', cell: (setting) => <Value setting={setting} /> },
          { title: 'What it does', kind: 'long', cell: ({ what }) => what },
        ]}
      />
    </Panel>
  );
}

/** Operators change nodes alone; of these nothing but a quota allows less than the configuration. */
const quotaOnly = /^policy\.safeAllocation\.(?:cpus|mem|disk|gpus)$/;

function Value({ setting }: { readonly setting: Setting }): JSX.Element {
  const differs = setting.configured !== '' && setting.configured !== setting.value;
  return (
    <>
      <b>{setting.value}</b>
      {differs ? (
        <span class="muted">
          {' '}
          (configured: {setting.configured}
          {quotaOnly.test(setting.name) ? '; the quota of the Mesos role allows less' : ''})
        </span>
      ) : null}
      {setting.changeable ? (
        <span class="muted small"> changeable{setting.bounds === '' ? '' : `: ${setting.bounds}`}</span>
      ) : null}
    </>
  );
}

function ChangesPanel({ settings }: { readonly settings: Settings }): JSX.Element {
  const { status } = useLive();
  const floor = String(status?.floorNodes ?? '');
  const most = status?.safeAllocation.nodes ?? null;
  const held = status?.growthHeld ?? null;
  return (
    <Panel title="Changes">
      <div class="buttons">
        {held === null ? (
          <Change
            title="Hold growth"
            path="hold"
            body={() => ({})}
            effect="No new node is launched until growth is released. Jobs that run go on, and idle nodes still leave."
          />
        ) : (
          <Change
            title="Release growth"
            path="release"
            body={() => ({})}
            effect="New nodes are launched again for the jobs that wait."
          />
        )}
        <Change
          title="Change the limits"
          path="policy"
          body={limitsBody}
          effect="The limits hold from the next pass on, and until they are changed again or set back to the configuration."
          fields={[
            {
              name: 'min_nodes',
              label: 'Nodes at least',
              value: floor,
              help: boundsOf(settings, 'minSlotsHeld'),
            },
            {
              name: 'max_nodes',
              label: 'Nodes at the most',
              value: most === null ? '' : String(most),
              help: boundsOf(settings, 'safeAllocation.nodes'),
            },
          ]}
        />
        <Change
          title="Back to the configuration"
          path="policy"
          disabled={settings.changed === null}
          body={() => ({ reset: true })}
          effect="The limits are again those of the configuration file."
        />
      </div>
    </Panel>
  );
}

function boundsOf(settings: Settings, option: string): string {
  const bounds = settings.settings.find(({ name }) => name.endsWith(option))?.bounds ?? '';
  return bounds === '' ? 'A whole number; empty: stays as it is.' : `${bounds}; empty: stays as it is.`;
}

function SignInPanel(): JSX.Element {
  const role = useRole();
  const id = useId();
  const [problem, setProblem] = useState('');
  if (mayChange(role)) {
    return (
      <Panel title="Signed in">
        <p>
          As {role}.{' '}
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Make changes">
      <p>
        Everyone who reaches this page may read it. Changes need a token of an operator; it is forgotten when
        the page is closed.
      </p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const token = typedInto(event.currentTarget)['token'] ?? '';
          signIn(token).then(
            (given) => {
              setProblem(mayChange(given) ? '' : 'This token is for reading only.');
            },
            (error: unknown) => {
              setProblem(error instanceof Error ? error.message : String(error));
            },
          );
        }}
      >
        <label for={id}>Token</label>
        <input id={id} name="token" type="password" autocomplete="off" required />
        <button type="submit">Sign in</button>
      </form>
      <p role="alert" class={problem === '' ? '' : 'trouble'}>
        {problem}
      </p>
    </Panel>
  );
}

function AboutPanel(): JSX.Element | null {
  const { status } = useLive();
  if (status === null) return null;
  return (
    <Panel title="This scheduler" aside={<a href={hrefOf({ page: 'repair' })}>repair</a>}>
      <dl class="facts">
        <div>
          <dt>Version</dt>
          <dd>{status.version === '' ? 'not told' : status.version}</dd>
        </div>
        <div>
          <dt>Role</dt>
          <dd>{status.role === '' ? 'not told' : status.role}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{status.startedAtMs > 0 ? fullTime(status.startedAtMs) : 'not told'}</dd>
        </div>
        <div>
          <dt>Framework</dt>
          <dd class="id">{status.frameworkId === '' ? 'none yet' : status.frameworkId}</dd>
        </div>
        {status.readings.map(({ what, reading }) => (
          <div key={what}>
            <dt>Reading of {what}</dt>
            <dd>
              {reading.state}
              {reading.atMs > 0 ? `, ${fullTime(reading.atMs)}` : ''}
              {reading.why === '' ? '' : `: ${reading.why}`}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
