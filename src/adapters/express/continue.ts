import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Makes a request with `Expect: 100-continue` one like any other: 100 is written only when somebody
 * who passed the guards begins to read. Refused without it, the connection ends with the answer: the
 * client may or may not send its body, and nobody could tell that body from the next request.
 */
export function holdContinue(request: IncomingMessage, response: ServerResponse): void {
  const read = request.read.bind(request)
  const { shouldKeepAlive } = response
  let held = true
  response.shouldKeepAlive = false
  request.read = (size?: number) => {
    if (held && !response.headersSent) {
      held = false
      response.shouldKeepAlive = shouldKeepAlive
      response.writeContinue()
    }
    return read(size)
  }
}
