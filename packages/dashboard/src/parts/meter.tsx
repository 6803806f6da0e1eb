/** How much of a limit is held, and how much more the latest plan takes. */
import type { JSX } from 'preact';

export interface MeterProps {
  readonly label: string;
  readonly held: number;
  /** With the launches of the latest plan. */
  readonly heldAfter: number;
  /** Null: not limited. */
  readonly limit: number | null;
  readonly format: (value: number) => string;
}

export function Meter({ label, held, heldAfter, limit, format }: MeterProps): JSX.Element {
  const words = limit === null ? `${format(held)}, not limited` : `${format(held)} of ${format(limit)}`;
  const added = heldAfter > held ? `, ${format(heldAfter)} with what is being launched` : '';
  return (
    <div class="meter">
      <span class="meter-label">{label}</span>
      <span class="meter-words">
        {words}
        <span class="muted">{added}</span>
      </span>
      {limit === null ? null : (
        <span class="meter-bar" aria-hidden="true">
          <i class="after" style={`width: ${String(share(Math.max(held, heldAfter), limit))}%`} />
          <i class="held" style={`width: ${String(share(held, limit))}%`} />
        </span>
      )}
    </div>
  );
}

/** Percent, never more than all. */
function share(value: number, limit: number): number {
  return limit <= 0 ? 100 : Math.min(100, Math.round((value / limit) * 1000) / 10);
}
