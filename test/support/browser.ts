/** Follows redirects and keeps cookies, as a browser does between hosts that differ by their ports alone. */
export class Browser {
  private readonly cookies = new Map<string, { readonly value: string; readonly path: string }>();

  /** One request, without following where it leads. @param sent a form, or JSON */
  async request(url: string, sent?: Readonly<Record<string, string>> | string): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(typeof sent === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      ...(sent === undefined
        ? {}
        : { method: 'POST', body: typeof sent === 'string' ? sent : new URLSearchParams(sent) }),
    });
    for (const header of answer.headers.getSetCookie()) this.keep(header);
    return answer;
  }

  /**
   * Goes on until a page is there, or an address that `stop` names.
   * @returns the address and what stands there; null for one that was not asked for
   */
  async follow(
    url: string,
    { form, stop = () => false }: { form?: Readonly<Record<string, string>>; stop?: (url: string) => boolean } = {},
  ): Promise<{ readonly url: string; readonly page: string | null; readonly status: number | null }> {
    let [at, sent] = [url, form];
    for (let hops = 0; hops < 20; hops += 1) {
      if (stop(at)) return { url: at, page: null, status: null };
      const answer = await this.request(at, sent);
      const next = answer.headers.get('location');
      if (next === null) return { url: at, page: await answer.text(), status: answer.status };
      await answer.arrayBuffer();
      [at, sent] = [new URL(next, at).href, undefined];
    }
    throw new Error(`too many redirects, the last to ${at}`);
  }

  private keep(header: string): void {
    const [pair = '', ...attributes] = header.split(/; */);
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length) ?? '/';
    const isGone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isGone) this.cookies.delete(name);
    else this.cookies.set(name, { value, path });
  }
}
