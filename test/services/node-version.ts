const oldest = [22, 18] as const

/**
 * Stops with a clear message on a Node.js that cannot run Holdfast. Without `npm run` or `npx` a shell
 * finds the machine's Node.js instead of the project's, and fails later in ways that explain nothing.
 */
export function requireNode(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new Error(
    `This is Node.js ${version}; the tests need ${oldest.join('.')} or newer. ` +
      'Run them with "npm test" or "npx vitest", which use the Node.js in node_modules.',
  )
}
