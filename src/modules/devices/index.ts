import { DeviceEntity, PushTokenEntity } from './device.entity';

export const DEVICES_ENTITIES = [DeviceEntity, PushTokenEntity];

/** The phones and browsers that people are signed in on. */
export function createDevices() {
  return {};
}
