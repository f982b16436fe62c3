import type { EventDefinitions } from '../events/index.ts'

/** `device.forgotten`: an owner, or somebody for them, took a device off the list. */
export interface DeviceForgotten {
  readonly userId: string
  readonly deviceId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'device.forgotten': DeviceForgotten
  }
}

export const devicesEvents: EventDefinitions<'device.forgotten'> = {
  'device.forgotten': { severity: 'info', auditClass: 'security', keep: ['userId', 'deviceId'] },
}
