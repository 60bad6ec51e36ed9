import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import { type CriticalOperations, type PublicKey, type SessionRow, SessionType } from '../auth';
import type { Platform } from './device.entity';
import type { DeviceReader } from './device.reader';
import type { ShownDevice } from './device.repository';
import { DEVICE_PREFIX, type DeviceService } from './device.service';
import { DeviceType, RegisterDeviceInput, RegisterDevicePayload } from './device.types';

const NAMELESS: Readonly<Record<Platform, string>> = { IOS: 'Apple device', ANDROID: 'Android device', WEB: 'Browser' };

@Resolver(() => DeviceType)
export class DeviceResolver {
  constructor(
    private readonly service: DeviceService,
    private readonly reader: DeviceReader,
    private readonly critical: CriticalOperations,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() device: ShownDevice): string {
    return encodeId(DEVICE_PREFIX, device.id);
  }

  @FieldResolver(() => String)
  name(@Root() { name, platform }: ShownDevice): string {
    return name ?? NAMELESS[platform];
  }

  @FieldResolver(() => GraphQLDateTime, { description: 'When its app last registered it or renewed its tokens.' })
  lastSeenAt(@Root() device: ShownDevice): string {
    return device.seenAt;
  }

  @Authorized()
  @Mutation(() => RegisterDevicePayload, {
    description:
      'Tells what device this session is of. Send it after signing in and whenever something of it changes, such as the push token: a session has one device, which is then changed.',
  })
  registerDevice(
    @Arg('input', () => RegisterDeviceInput, { description: 'The device.' }) input: RegisterDeviceInput,
    @Ctx() context: RequestContext,
  ) {
    const { signingKeyJwk, ...facts } = input;
    let key: PublicKey | null = null;
    return this.commands.run(context, input, {
      name: 'registerDevice',
      before: async (viewer) => {
        if (signingKeyJwk != null) key = await this.critical.readOwnKey(context, viewer, signingKeyJwk);
      },
      execute: (tx, viewer) => this.service.register(tx, viewer, { ...facts, key }, context.caller.address),
      answer: async ({ deviceId }) => ({ device: await this.reader.find(context, deviceId) }),
    });
  }
}

@Resolver(() => ViewerType)
export class ViewerDevicesResolver {
  constructor(private readonly reader: DeviceReader) {}

  @Extensions(costOf({ reads: ['devices'] }))
  @FieldResolver(() => [DeviceType], {
    description: 'The devices that you are signed in on and that their apps have registered, the last seen first.',
  })
  devices(@Root() _viewer: Viewer, @Ctx() context: RequestContext): Promise<readonly ShownDevice[]> {
    return this.reader.ofViewer(context);
  }
}

@Resolver(() => SessionType)
export class SessionDeviceResolver {
  constructor(private readonly reader: DeviceReader) {}

  @Extensions(costOf({ reads: ['device'] }))
  @FieldResolver(() => DeviceType, {
    nullable: true,
    description: 'Where it is; null until its app has registered it.',
  })
  device(@Root() session: SessionRow, @Ctx() context: RequestContext): Promise<ShownDevice | null> | null {
    return session.deviceId === null ? null : this.reader.find(context, session.deviceId);
  }
}
