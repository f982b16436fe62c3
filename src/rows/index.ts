export { rowErrors } from './errors.ts'
export {
  type RlsAction,
  type RlsOptions,
  type RlsResource,
  type RlsRule,
  rlsCommands,
  rlsScript,
} from './rls.ts'
export { type RowQuestion, type RowRules, rowFilter } from './row-filter.ts'
export { type CallerClient, type CallerTransaction, setCaller } from './set-caller.ts'
export { callerSettings, type SettingsCaller, settingNames } from './settings.ts'
