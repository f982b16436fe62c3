import { type Problem, toProblem } from '../errors/index.ts'
import { type Answer, type Exchange, ownPath, singleHeader } from '../http/index.ts'
import { html } from './html.ts'
import { renderPage } from './layout.ts'
import { durationText } from './refusal.ts'
import { fill, type PageLanguage, textsOf } from './texts.ts'

export interface ProblemPageContext {
  readonly appName: string
  /** English unless said otherwise. */
  readonly language?: PageLanguage
  /** Path of the page to go on from. */
  readonly home?: string
  /** Where the proof is given that the problem asks for. */
  readonly prove?: string
  /** Of this response's Content-Security-Policy. */
  readonly nonce?: string
}

/** A problem for people: its fixed words, how long to wait, and the id that support asks for. */
export function renderProblemPage(problem: Problem, context: ProblemPageContext): string {
  const { code, requestId, retryAfter } = problem
  const texts = textsOf(context.language ?? 'en')
  const known = Object.hasOwn(texts.problems, code) ? texts.problems[code] : undefined
  const { detail, title } = known ?? problem
  const time = retryAfter === undefined ? '' : durationText(retryAfter, texts.language)
  // While nothing is let in, no other page of ours is either: the time is all there is to say.
  const home = code === 'rate_limited' ? undefined : context.home
  const content = html`<p>${detail}</p>
${time !== '' && html`<p>${fill(texts.wait, { time })}</p>`}
${context.prove !== undefined && html`<p><a class="button" href="${context.prove}">${texts.problem.prove}</a></p>`}
${requestId !== undefined && html`<p class="about">${fill(texts.problem.request, { id: requestId })}</p>`}
${home !== undefined && html`<ul class="links"><li><a href="${home}">${texts.problem.home}</a></li></ul>`}`
  return renderPage({ ...context, texts }, { title, content, failed: true })
}

/** Whether the answer is for a person: a browser that asks for a page, or one of our pages. */
export function asksForPage({ headers, path }: Exchange, accountPath: string): boolean {
  return (
    ownPath(path, [accountPath]) === 'own' ||
    singleHeader(headers, 'accept')?.includes('text/html') === true
  )
}

/** The answer to whatever was thrown, as a page with the nonce of this response. */
export function answerWithProblemPage(
  thrown: unknown,
  { requestId, state: { nonce } }: Exchange,
  context: ProblemPageContext,
): Answer {
  const { body, headers, status } = toProblem(thrown, requestId)
  const { 'content-type': _, ...kept } = headers as Record<string, string>
  const page = renderProblemPage(body, { ...context, ...(nonce === undefined ? {} : { nonce }) })
  return { status, headers: kept, html: page }
}
