// An OpenID provider of other hands, in a process of its own: it is ESM only, and its keys change by a new start.
import Provider from 'oidc-provider';

const { port, jwks, resource, clients } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  jwks,
  clients: clients.map((client_id) => ({
    client_id,
    redirect_uris: ['http://127.0.0.1/callback'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  })),
  cookies: { keys: ['a key for tests'] },
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'sid', 'auth_time'], profile: ['name'], email: ['email', 'email_verified'] },
  // Whoever is hinted at signs in and consents at once.
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: `${sub} of Elsewhere`, email: `${sub}@elsewhere.example`, email_verified: true }),
  }),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'api',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { params, prompt, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const accountId = params.login_hint;
  if (prompt.name === 'login') {
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile email');
  grant.addResourceScope(params.resource ?? resource, 'api');
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
});

provider.listen(port, '127.0.0.1', () => process.send('listening'));
process.on('disconnect', () => process.exit());
