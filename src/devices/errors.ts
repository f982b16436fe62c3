import { defineErrors } from '../errors/index.ts'

export const deviceErrors = defineErrors({
  device_not_found: {
    status: 404,
    title: 'Device not found',
    detail: 'None of your devices has this id.',
  },
})
