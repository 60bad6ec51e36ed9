import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType } from '../../graphql/node.types';
import type { Platform } from './device.entity';
import type { ShownDevice } from './device.repository';

const PLATFORMS = { IOS: 'IOS', ANDROID: 'ANDROID', WEB: 'WEB' } as const satisfies Record<Platform, Platform>;

registerEnumType(PLATFORMS, {
  name: 'Platform',
  description: 'What an app runs on.',
  valuesConfig: {
    IOS: { description: 'iOS and iPadOS.' },
    ANDROID: { description: 'Android.' },
    WEB: { description: 'A browser.' },
  },
});

@ObjectType('Device', {
  implements: NodeType,
  description:
    'A phone, tablet or browser that you are signed in on. Only you see it; it is gone with its last session.',
})
export class DeviceType implements Omit<ShownDevice, 'userId' | 'signingKey' | 'createdAt' | 'lastSeenAt' | 'seenAt'> {
  @Field(() => ID, { description: 'A TypeID such as device_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => PLATFORMS, { description: 'What it is.' })
  platform!: Platform;

  // Users have a name too, which is never null: fields of one name that meet in `node` must agree.
  @Field(() => String, {
    description: 'What its owner or its app calls it, such as "Ada’s phone"; what it is, as long as nobody has.',
  })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The version of the app on it when it last registered.' })
  appVersion!: string;

  @Field(() => Boolean, { description: 'Pushes can be sent to it.' })
  pushEnabled!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The JWK thumbprint (RFC 7638) of its signing key; null when it has none.',
  })
  signingKeyThumbprint!: string | null;
}

@InputType('RegisterDeviceInput', { description: 'The device that the app runs on.' })
export class RegisterDeviceInput extends MutationInput {
  @Field(() => PLATFORMS, { description: 'What it is.' })
  platform!: Platform;

  @Field(() => String, { description: 'The version of the app, 1 to 64 characters.' })
  appVersion!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What to call the device in lists, 1 to 60 characters; left out or null, it keeps its name.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Where pushes go: the token of APNs or FCM, or a browser’s subscription as base64url; up to 2048 printable ASCII characters. Another account that had it on this device has it no more. Left out, it stays; null ends pushes.',
  })
  pushToken?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The public key that the device signs with, P-256 or Ed25519, as a JWK in JSON. The request needs a DPoP proof by this very key, and a session in which you have just shown who you are together with it (signIn or confirmIdentity with such a proof): else STEP_UP_REQUIRED. Left out, the key stays.',
  })
  signingKeyJwk?: string | null;
}

@ObjectType('RegisterDevicePayload', { implements: MutationPayloadType, description: 'What became of registerDevice.' })
export class RegisterDevicePayload extends MutationPayloadType {
  @Field(() => DeviceType, { nullable: true, description: 'The device as it is now.' })
  device?: ShownDevice | null;
}
