import fastify from 'fastify';
import { systemClock } from '../../src/kernel/clock';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { registerMetadata } from '../../src/modules/oauth/metadata.route';
import { TEST_SIGNING_KEY } from '../support/app';

describe('the metadata of an issuer with a path', () => {
  it.each(['https://portico.example/api', 'https://portico.example/api/'])(
    'is where RFC 8414 has clients look for it: %s',
    async (issuer) => {
      const options = { signingKeyPem: TEST_SIGNING_KEY, issuer, lifetimeSeconds: 60, clock: systemClock };
      const app = fastify();
      registerMetadata(app, issuer, await AccessTokens.create(options));
      const answer = await app.inject('/.well-known/oauth-authorization-server/api');
      const token_endpoint = 'https://portico.example/api/oauth/token';
      expect(answer.json()).toMatchObject({ issuer, token_endpoint });
      await app.close();
    },
  );
});
