/** What is said about an option, once, where it is declared. */
import type { Kind } from './config-kinds.ts';

export interface Option<T> {
  readonly kind: Kind<T>;
  /** As one would write it; null: it must be given. */
  readonly default: string | null;
  /** What it is for, in one sentence. */
  readonly what: string;
  /** Why the default is what it is. */
  readonly reason: string;
  /** What happens when it is chosen badly; null where there is no small and large. */
  readonly effect: { readonly tooSmall: string; readonly tooLarge: string } | null;
}

/** Fixes an option's type by its kind. */
export function option<T>(declared: Option<T>): Option<T> {
  return declared;
}
