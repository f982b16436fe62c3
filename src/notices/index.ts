export { Alerts, type AlertsParts } from './alerts.ts'
export type { NoticeRules } from './notice.ts'
export { Notices, type NoticesParts } from './notices.ts'
export { type NoticeRow, noticesMigrations } from './table.ts'
