/** How we show the master who we are. */

export interface Credential {
  readonly principal: string;
  readonly secret: string;
}

/** HTTP Basic, wanted on every call; no header where there is nothing to show. */
export function authorization(credential: Credential | null): Record<string, string> {
  if (credential === null) return {};
  const words = Buffer.from(`${credential.principal}:${credential.secret}`).toString('base64');
  return { Authorization: `Basic ${words}` };
}
