/** How many elements may be open at once; parsers take time by the square of it. */
const mostOpen = 200

/** Elements that hold nothing, and those that their own kind closes. */
const unnested =
  /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|tr|td|th|option)$/i

/**
 * HTML in which at most 200 elements are open at once: tags that would open more become text. Whatever
 * comes out is cleaned afterwards, so this decides about time alone, never about safety. Linear.
 */
export function boundNesting(html: string): string {
  let open = 0
  return html.replace(/<(\/?)([a-z][^\s/>]{0,40})/gi, (tag, slash: string, name: string) => {
    if (unnested.test(name)) return tag
    if (slash !== '') open = Math.max(0, open - 1)
    else if (open >= mostOpen) return `&lt;${name}`
    else open += 1
    return tag
  })
}
