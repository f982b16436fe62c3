export { TestClock } from './clock.ts'
export { TestMailbox } from './mailbox.ts'
export { createTestSecurity, type TestSecurity } from './security.ts'
