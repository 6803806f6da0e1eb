/** The frame of every page: where one can go, whether the scheduler is heard, and the page itself. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ago, clockTime } from './format.ts';
import { hrefOf, routeOf, type Route } from './route.ts';
import { useLive, useNow } from './store.ts';
import { Banner } from './parts/banner.tsx';
import { JournalPage } from './pages/journal-page.tsx';
import { JobsPage, NodesPage, OffersPage } from './pages/lists.tsx';
import { NodePage } from './pages/node-page.tsx';
import { NowPage } from './pages/now-page.tsx';
import { RepairPage } from './pages/repair-page.tsx';
import { SettingsPage } from './pages/settings-page.tsx';
import { ExplainPage, JobPage } from './pages/thing-page.tsx';

export function App(): JSX.Element {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const title = titleOf(route);
  const place = placeOf(route);
  const before = useRef(place);
  useEffect(() => {
    document.title = `${title} – mesos-torque`;
    if (before.current === place) return;
    before.current = place;
    // Keyboard and screen reader go on at the new page, not at the link that led to it.
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title, place]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <header class="top">
        <span class="brand">mesos-torque</span>
        <Navigation route={route} />
        <Heartbeat />
      </header>
      <Banner />
      <main id="main" ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
    </>
  );
}

/** Lists stay the same page while they are narrowed. */
function placeOf(route: Route): string {
  return 'id' in route ? `${route.page} ${route.id}` : route.page;
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listener = (): void => {
      setHash(location.hash);
    };
    addEventListener('hashchange', listener);
    return () => {
      removeEventListener('hashchange', listener);
    };
  }, []);
  return routeOf(hash);
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'now':
      return 'Now';
    case 'nodes':
      return 'Nodes';
    case 'jobs':
      return 'Jobs';
    case 'offers':
      return 'Offers';
    case 'journal':
      return 'Journal';
    case 'settings':
      return 'Settings';
    case 'repair':
      return 'Repair';
    case 'node':
    case 'job':
    case 'offer':
    case 'agent':
      return `${route.page} ${route.id}`;
    case 'nowhere':
      return 'Not found';
  }
}

function Page({ route }: { readonly route: Route }): JSX.Element {
  switch (route.page) {
    case 'now':
      return <NowPage />;
    case 'nodes':
      return <NodesPage query={route.query} />;
    case 'jobs':
      return <JobsPage query={route.query} />;
    case 'offers':
      return <OffersPage query={route.query} />;
    case 'journal':
      return <JournalPage query={route.query} />;
    case 'settings':
      return <SettingsPage />;
    case 'repair':
      return <RepairPage />;
    case 'node':
      return <NodePage key={route.id} name={route.id} />;
    case 'job':
      return <JobPage key={route.id} id={route.id} />;
    case 'offer':
    case 'agent':
      return <ExplainPage key={route.id} kind={route.page} id={route.id} />;
    case 'nowhere':
      return (
        <>
          <h1>Nothing here</h1>
          <p>
            There is no page “{route.text}”. <a href={hrefOf({ page: 'now' })}>What is running now</a>
          </p>
        </>
      );
  }
}

const sections: readonly {
  readonly route: Route;
  readonly title: string;
  readonly holds: readonly Route['page'][];
}[] = [
  { route: { page: 'now' }, title: 'Now', holds: ['now'] },
  { route: { page: 'nodes', query: {} }, title: 'Nodes', holds: ['nodes', 'node', 'agent'] },
  { route: { page: 'jobs', query: {} }, title: 'Jobs', holds: ['jobs', 'job'] },
  { route: { page: 'offers', query: {} }, title: 'Offers', holds: ['offers', 'offer'] },
  { route: { page: 'journal', query: {} }, title: 'Journal', holds: ['journal'] },
  { route: { page: 'settings' }, title: 'Settings', holds: ['settings', 'repair'] },
];

function Navigation({ route }: { readonly route: Route }): JSX.Element {
  return (
    <nav aria-label="Pages">
      <ul>
        {sections.map((section) => (
          <li key={section.title}>
            <a
              href={hrefOf(section.route)}
              {...(section.holds.includes(route.page) ? { 'aria-current': 'page' as const } : {})}
            >
              {section.title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Whether what is shown is of now; the banner says more when it is not. */
function Heartbeat(): JSX.Element {
  const { link, status } = useLive();
  const now = useNow();
  const planned = status === null || status.plannedAtMs === 0 ? null : status.plannedAtMs;
  switch (link.state) {
    case 'connecting':
      return <p class="heartbeat">connecting …</p>;
    case 'lost':
      return <p class="heartbeat">reconnecting …</p>;
    case 'gone':
      return <p class="heartbeat gone">not connected</p>;
    case 'live':
      return (
        <p class="heartbeat live" title={planned === null ? '' : `latest pass at ${clockTime(planned, now)}`}>
          live{planned === null ? '' : `, last pass ${ago(planned, now)}`}
        </p>
      );
  }
}
