/** How many elements may be open at once; parsers take time by the square of it. */
const mostOpen = 200

/** What is asked of the parser of the sanitizer. */
export interface NestingParser {
  /** Where the tag begins that is being read. */
  readonly startIndex: number
  write(html: string): void
  pause(): void
}

interface NestingCalls {
  onopentagname(name: string): void
  onclosetag(name: string): void
}

/** `Parser` of htmlparser2, as far as it is asked. */
export type NestingParserClass = new (
  calls: NestingCalls,
  options: { readonly decodeEntities: true },
) => NestingParser

/**
 * HTML in which at most 200 elements are open at once: from the tag on that would open one more, all is text.
 * Whatever comes out is cleaned afterwards, so this decides about time alone, never about safety. It asks the
 * very parser that reads the result, with the same options, for two of them never read HTML alike. Linear:
 * the parser is never further inside than the bound.
 */
export function boundNesting(html: string, Parser: NestingParserClass, most = mostOpen): string {
  const end = beginOfTooDeep(html, Parser, most)
  return end === undefined ? html : html.slice(0, end) + html.slice(end).replaceAll('<', '&lt;')
}

function beginOfTooDeep(html: string, Parser: NestingParserClass, most: number) {
  let open = 0
  let found: number | undefined
  const parser = new Parser(
    {
      onopentagname() {
        open += 1
        if (open <= most || found !== undefined) return
        found = parser.startIndex
        parser.pause()
      },
      onclosetag() {
        open -= 1
      },
    },
    { decodeEntities: true },
  )
  parser.write(html)
  return found
}
