// A certified OpenID Connect provider as a process of its own: node oidc-provider.mjs <redirect URI>. Writes its address when it listens.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [, , redirectUri] = process.argv;
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'boxtrail',
        client_secret: 'a secret of the spec',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: ['a key of the spec'] },
    pkce: { required: () => true },
    // its own pages for signing in take any name and password
    features: { devInteractions: { enabled: true } },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });
  server.on('request', provider.callback());
  process.stdout.write(`${issuer}\n`);
});
process.on('disconnect', () => process.exit());
