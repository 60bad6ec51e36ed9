import { type Exchange, type SubscriptionForwarder, subscriptionExchange } from '@urql/core';
import type { Client } from 'graphql-ws';
import { type ResumableOptions, resumable } from './graphql-ws-resume';

/**
 * urql's exchange for subscriptions, in the place of subscriptionExchange: they continue after a lost connection from
 * the last item instead of from where they began. The last of the exchanges:
 *
 *     exchanges: [cacheExchange, fetchExchange, resumeExchange(createClient({ url, connectionParams, retryAttempts: 0 }))]
 */
export function resumeExchange(client: Client, options: ResumableOptions = {}): Exchange {
  return subscriptionExchange({ forwardSubscription: forwardResumed(resumable(client, options)) });
}

/** The same for an exchange with options of its own; takes what `resumable` made, which is then the one to dispose of. */
export function forwardResumed(client: Client): SubscriptionForwarder {
  return ({ query = '', operationName, variables, extensions }) => ({
    subscribe: (sink) => ({
      unsubscribe: client.subscribe({ query, operationName, variables, extensions }, sink as never),
    }),
  });
}
