import type { Commands } from '../../graphql/command';
import type { NodeRegistry } from '../../graphql/nodes';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import type { CriticalOperations, SessionService } from '../auth';
import { DeviceEntity, PushTokenEntity } from './device.entity';
import { DeviceReader } from './device.reader';
import { purge } from './device.repository';
import { DeviceResolver, SessionDeviceResolver, ViewerDevicesResolver } from './device.resolver';
import { DEVICE_PREFIX, DeviceService } from './device.service';

export { exportOfDevices } from './device.export';
export { forgetDevices } from './device.repository';

export const DEVICES_ENTITIES = [DeviceEntity, PushTokenEntity];

export interface DevicesDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly nodes: NodeRegistry;
  readonly sessions: SessionService;
  readonly critical: CriticalOperations;
  readonly audit: AuditTrail;
}

const PURGE_TASK = 'devices.purge';

/** The phones and browsers that people are signed in on. */
export function createDevices({ clock, newId, database, commands, nodes, sessions, critical, audit }: DevicesDeps) {
  const service = new DeviceService(clock, newId, sessions, audit);
  const reader = new DeviceReader(sessions);
  nodes.register({
    prefix: DEVICE_PREFIX,
    typename: 'Device',
    find: (context, uuid) => reader.find(context, uuid),
  });
  return {
    resolvers: [
      new DeviceResolver(service, reader, critical, commands),
      new ViewerDevicesResolver(reader),
      new SessionDeviceResolver(reader),
    ],
    tasks: new Map<string, Task>([[PURGE_TASK, () => purge(database, sessions.livingSince())]]),
    schedules: [{ task: PURGE_TASK, cron: '37 3 * * *' }],
  };
}
