export {
  currentDevice,
  Devices,
  type DevicesParts,
  deviceHash,
  type ForgottenBy,
  type KnownDevice,
  type SeenAtSignIn,
  type TrustedDevice,
} from './devices.ts'
export { deviceErrors } from './errors.ts'
export { type DeviceForgotten, type DeviceTrusted, devicesEvents } from './events.ts'
export { type DeviceRouteParts, describeDevice, deviceRoutes } from './routes.ts'
export { type DeviceRow, devicesMigrations } from './table.ts'
