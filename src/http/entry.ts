import type { Answer } from './route.ts'

/** A refusal or an answer of ours, or the word that the request belongs to the app. */
export type Entry = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'app' }
