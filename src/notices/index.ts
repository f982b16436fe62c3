export type { NoticeRules } from './notice.ts'
export { Notices, type NoticesParts } from './notices.ts'
