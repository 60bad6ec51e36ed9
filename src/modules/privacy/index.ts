import { createDataExports, type DataExportsDeps } from './data-export';
import { DataExportEntity, DataExportPartEntity } from './data-export.entity';

export { removeOfUser as removeExportsOf } from './data-export.repository';

export const PRIVACY_ENTITIES = [DataExportEntity, DataExportPartEntity];

/** What people may ask of a service that has their data. */
export function createPrivacy(deps: DataExportsDeps) {
  return createDataExports(deps);
}
