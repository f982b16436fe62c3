/** What a tool found at one app. */
export interface ToolResult {
  readonly tool: string
  /** What it was given, in words. */
  readonly asked: string
  /** Each is a fault of the app until somebody has shown that it is none. */
  readonly findings: readonly string[]
  /** What the tool calls a fault and is none, each with the reason. */
  readonly accepted?: readonly string[]
  /** Why the run says nothing, or not everything. */
  readonly voids: readonly string[]
  /** What else is worth a line, such as how long others waited meanwhile. */
  readonly notes?: readonly string[]
}
