export { type GuardedListener, type GuardedRequest, listener } from './listener.ts'
