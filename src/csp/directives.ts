/** Directives of CSP 3 and Trusted Types that a browser can say were violated. */
export const reportedDirectives: readonly string[] = Object.freeze([
  ...['base-uri', 'child-src', 'connect-src', 'default-src', 'fenced-frame-src', 'font-src'],
  ...['form-action', 'frame-ancestors', 'frame-src', 'img-src', 'manifest-src', 'media-src'],
  ...['object-src', 'require-trusted-types-for', 'sandbox', 'script-src', 'script-src-attr'],
  ...['script-src-elem', 'style-src', 'style-src-attr', 'style-src-elem', 'trusted-types'],
  ...['upgrade-insecure-requests', 'worker-src'],
])

/** Sources by directive, every directive that is sent. */
export type Policy = Readonly<Record<string, readonly string[]>>

const fallbacks: Readonly<Record<string, readonly string[]>> = {
  'script-src-elem': ['script-src'],
  'script-src-attr': ['script-src'],
  'style-src-elem': ['style-src'],
  'style-src-attr': ['style-src'],
  'frame-src': ['child-src'],
  'fenced-frame-src': ['frame-src', 'child-src'],
  'worker-src': ['child-src', 'script-src'],
}

const withoutDefault: ReadonlySet<string> = new Set([
  ...['base-uri', 'form-action', 'frame-ancestors', 'require-trusted-types-for', 'sandbox'],
  ...['trusted-types', 'upgrade-insecure-requests', 'default-src'],
])

/** The directive of `policy` that decides where `directive` is asked, CSP 3 section 6.8.4; undefined when none does. */
export function decidingDirective(policy: Policy, directive: string): string | undefined {
  const last = withoutDefault.has(directive) ? [] : ['default-src']
  const chain = [directive, ...(fallbacks[directive] ?? []), ...last]
  return chain.find((name) => Object.hasOwn(policy, name))
}
