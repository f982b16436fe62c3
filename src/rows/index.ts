export { constantFilter } from './constant.ts'
export { type RowQuestion, type RowRules, rowFilter } from './row-filter.ts'
export { callerSettings, type SettingsCaller, settingNames } from './settings.ts'
