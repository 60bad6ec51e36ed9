import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import type { Client } from 'graphql-ws';
import { type ResumableOptions, resumable } from './graphql-ws-resume';

/**
 * Apollo Client's link for subscriptions, in the place of GraphQLWsLink: its subscriptions continue after a lost
 * connection from the last item instead of from where they began. `link.client` is the client to dispose of.
 *
 *     const live = new ResumeLink(createClient({ url, connectionParams, retryAttempts: 0 }), { onReset });
 *     ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, live, http);
 *
 * It must not retry above: a RetryLink before it would begin anew with the first variables.
 */
export class ResumeLink extends GraphQLWsLink {
  constructor(client: Client, options: ResumableOptions = {}) {
    super(resumable(client, options));
  }
}
