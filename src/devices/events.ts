import type { EventDefinitions } from '../events/index.ts'

/** `device.forgotten`: an owner, or somebody for them, took a device off the list. */
export interface DeviceForgotten {
  readonly userId: string
  readonly deviceId: string
}

/** `device.trusted`: an owner spares a browser the second factor until an instant. */
export interface DeviceTrusted {
  readonly userId: string
  readonly deviceId: string
  /** Epoch milliseconds. */
  readonly until: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'device.forgotten': DeviceForgotten
    'device.trusted': DeviceTrusted
  }
}

export const devicesEvents: EventDefinitions<'device.forgotten' | 'device.trusted'> = {
  'device.forgotten': { severity: 'info', auditClass: 'security', keep: ['userId', 'deviceId'] },
  'device.trusted': {
    severity: 'low',
    auditClass: 'security',
    keep: ['userId', 'deviceId', 'until'],
  },
}
