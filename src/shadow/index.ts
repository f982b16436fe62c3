export { ShadowLog, type ShadowLogParts, type WatchedRefusal } from './shadow-log.ts'
