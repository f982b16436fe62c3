/** Text as a literal of PostgreSQL, whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** A setting of this transaction; NULL where there is none. */
export function setting(name: string): string {
  return `(select nullif(current_setting(${literal(name)}, true), ''))`
}

/** Whether one of the words of a setting is among `words`; NULL where there is no setting. */
export function settingHolds(name: string, words: readonly string[]): string {
  return `(select ${wordsOf(name)} && array[${listed(words)}]::text[])`
}

/** Whether every word of a setting is among `words`; NULL where there is no setting. */
export function settingWithin(name: string, words: readonly string[]): string {
  return `(select ${wordsOf(name)} <@ array[${listed(words)}]::text[])`
}

function wordsOf(name: string): string {
  return `string_to_array(current_setting(${literal(name)}, true), ' ')`
}

function listed(words: readonly string[]): string {
  return words.map(literal).join(', ')
}
