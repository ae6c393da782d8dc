/** What a browser keeps while it signs in at an issuer, under which path, and for how long, in seconds. */
const BROWSER_COOKIES = {
  /** On the way to the issuer and back: as long as a state is taken. */
  boxtrail_oidc: { path: '/auth/oidc', lastsS: 600 },
  /** From the page that it came back to, to the session: as long as a hand-over code is taken. */
  boxtrail_hand_over: { path: '/graphql', lastsS: 60 },
} as const;

export type BrowserCookie = keyof typeof BROWSER_COOKIES;

/** A secret of a browser that no script reads and no page of others' sends along (RFC 9700, 2.1 and 4.7). @param value null: it goes */
export function browserCookie(name: BrowserCookie, value: string | null, isSecure: boolean): string {
  const { path, lastsS } = BROWSER_COOKIES[name];
  const age = `Max-Age=${value === null ? 0 : lastsS}`;
  return `${name}=${value ?? ''}; Path=${path}; HttpOnly; SameSite=Lax; ${age}${isSecure ? '; Secure' : ''}`;
}

/** @param header `Cookie` of a request */
export function browserSecretIn(name: BrowserCookie, header: string | undefined): string | null {
  return new RegExp(`(?:^|; )${name}=([\\w-]{1,64})(?:;|$)`).exec(header ?? '')?.[1] ?? null;
}
