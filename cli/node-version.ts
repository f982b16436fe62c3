const oldest = [22, 18] as const

/** Why this Node.js cannot run the program, in one line; undefined when it can. */
export function refusalOfNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined
  return `holdfast needs Node.js ${oldest.join('.')} or newer; this is ${version}.`
}
