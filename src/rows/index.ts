export { constantFilter } from './constant.ts'
