/** Says at the top of every page when what is shown cannot be relied on, and why. */
import type { JSX } from 'preact';
import { doubtsAbout } from '../doubts.ts';
import { ago, duration, fullTime } from '../format.ts';
import { hrefOf } from '../route.ts';
import type { LiveState } from '../live.ts';
import { live, useLive, useNow } from '../store.ts';

export function Banner(): JSX.Element {
  const state = useLive();
  const now = useNow();
  // The live region is always there: what comes to be inside is read out, what comes with it may not be.
  return (
    <div class="banners" role="status" aria-live="polite">
      <GoneBanner state={state} now={now} />
      <StatusBanners state={state} />
    </div>
  );
}

interface Props {
  readonly state: LiveState;
  readonly now: number;
}

function GoneBanner({ state, now }: Props): JSX.Element | null {
  const { link, heardAtMs } = state;
  if (link.state !== 'gone') return null;
  const inMs = Math.max(0, link.retryAtMs - now);
  return (
    <div class="banner bad" data-banner="gone">
      <p>
        <strong>The scheduler does not answer</strong>: {link.why}.{' '}
        {heardAtMs === null ? (
          'Nothing was heard from it yet.'
        ) : (
          <>
            Everything below is stale: it was so at {fullTime(heardAtMs)},{' '}
            {/* The age ticks each second; read out once is enough. */}
            <span aria-live="off">{ago(heardAtMs, now)}</span>.
          </>
        )}{' '}
        Running jobs and nodes go on without it.
      </p>
      <p>
        <button
          type="button"
          onClick={() => {
            live.retry();
          }}
        >
          Try now
        </button>{' '}
        <span class="muted" aria-live="off" aria-hidden="true">
          Trying again {inMs < 1000 ? 'now' : `in ${duration(Math.ceil(inMs / 1000) * 1000)}`}
        </span>
      </p>
    </div>
  );
}

/** Times stand still here: a line that changes each second would be read out each second. */
function StatusBanners({ state }: { readonly state: LiveState }): JSX.Element | null {
  const { status } = state;
  if (status === null) return null;
  const growth = status.growthHeld;
  return (
    <>
      {status.ready || status.notReadyWhy === '' ? null : (
        <p class="banner warn">
          <strong>Not ready:</strong> {status.notReadyWhy}
        </p>
      )}
      {doubtsAbout(status).map(({ title, why, page }) => (
        <p key={title + why} class="banner warn">
          <strong>{title}:</strong> {why}
          {page === null ? null : (
            <>
              . <a href={hrefOf({ page })}>Which nodes, and how to confirm</a>
            </>
          )}
        </p>
      ))}
      {growth === null ? null : (
        <p class="banner note">
          <strong>Growth is held</strong> by {growth.who} since {fullTime(growth.sinceMs)}: {growth.why}.
          Nothing new is launched until it is released.
        </p>
      )}
    </>
  );
}
